namespace Jukebox.PtxMachine.Parsing;

/// <summary>Everything that one PTX text says.</summary>
internal sealed class ModuleSyntax
{
    public string Version { get; set; } = string.Empty;

    public string Target { get; set; } = string.Empty;

    public Dictionary<string, Variable> Variables { get; } = [];

    public Dictionary<string, PtxFunction> Functions { get; } = [];

    public Dictionary<int, string> SourceFiles { get; } = [];
}

/// <summary>Reads a module: directives, variables, functions. Bodies are read by <see cref="BodyParser"/>.</summary>
internal sealed class PtxParser
{
    private static readonly HashSet<string> Linkages = [".visible", ".extern", ".weak", ".common"];

    private readonly PtxLexer _lexer;
    private readonly ModuleSyntax _module = new();
    private readonly DeclarationParser _declarations;

    private PtxParser(string text, string fileName)
    {
        _lexer = new PtxLexer(text, fileName);
        _declarations = new DeclarationParser(_lexer);
    }

    public static ModuleSyntax Parse(string text, string fileName)
    {
        var parser = new PtxParser(text, fileName);
        parser.ParseModule();
        return parser._module;
    }

    private void ParseModule()
    {
        for (Token token = _lexer.Next(); token.Kind != TokenKind.End; token = _lexer.Next())
        {
            if (token.Is(';'))
            {
                continue;
            }

            ParseDirective(token);
        }

        if (_module.Target.Length == 0)
        {
            throw new PtxException(_lexer.FileName, 0, "no .target: this is not PTX");
        }
    }

    private void ParseDirective(Token token)
    {
        switch (token.Text)
        {
            case ".version":
                _module.Version = _lexer.Next().Text;
                break;
            case ".target":
                _module.Target = _lexer.ExpectWord();
                SkipCommaList();
                break;
            case ".address_size":
                RequireAddressSize(token);
                break;
            case ".file":
                _module.SourceFiles[_lexer.ExpectInt()] = _lexer.Next().Text;
                SkipCommaList();
                break;
            case ".section":
                SkipSection();
                break;
            case ".loc":
                _declarations.ParseLocation();
                break;
            default:
                ParseDeclaration(token);
                break;
        }
    }

    private void RequireAddressSize(Token token)
    {
        int bits = _lexer.ExpectInt();
        if (bits != 64)
        {
            throw _lexer.Error(token, $".address_size {bits}: only 64 is known");
        }
    }

    private void SkipCommaList()
    {
        while (_lexer.TryTake(','))
        {
            _lexer.Next();
        }
    }

    private void SkipSection()
    {
        while (!_lexer.Next().Is('{'))
        {
        }

        for (int depth = 1; depth > 0;)
        {
            Token token = _lexer.Next();
            if (token.Kind == TokenKind.End)
            {
                throw _lexer.Error(token, "a .section without its end");
            }

            depth += token.Is('{') ? 1 : token.Is('}') ? -1 : 0;
        }
    }

    private void ParseDeclaration(Token token)
    {
        bool external = false;
        while (Linkages.Contains(token.Text))
        {
            external |= token.Text == ".extern";
            token = _lexer.Next();
        }

        switch (token.Text)
        {
            case ".entry":
                ParseFunction(token, true);
                break;
            case ".func":
                ParseFunction(token, false);
                break;
            case ".global" or ".const" or ".shared":
                foreach (Variable variable in _declarations.ParseVariables(token, external))
                {
                    _module.Variables[variable.Name] = variable;
                }

                break;
            default:
                throw _lexer.Error(token, $"'{token.Text}' is not known at module level");
        }
    }

    private void ParseFunction(Token at, bool isKernel)
    {
        List<Variable> results = _lexer.TryTake('(') ? _declarations.ParseParameters() : [];
        var function = new PtxFunction { Name = _lexer.ExpectWord(), IsKernel = isKernel, Line = at.Line };
        function.Results.AddRange(results);
        if (_lexer.TryTake('('))
        {
            function.Parameters.AddRange(_declarations.ParseParameters());
        }

        ParseLimits(function);
        if (_lexer.TryTake('{'))
        {
            function.HasBody = true;
            new BodyParser(_lexer, _declarations, function).Parse();
        }
        else
        {
            _lexer.Expect(';');
        }

        if (function.HasBody || !_module.Functions.ContainsKey(function.Name))
        {
            _module.Functions[function.Name] = function;
        }
    }

    private void ParseLimits(PtxFunction function)
    {
        while (_lexer.Peek().Kind == TokenKind.Word)
        {
            Token token = _lexer.Next();
            switch (token.Text)
            {
                case ".maxntid":
                    function.MaxThreads = ParseExtents();
                    break;
                case ".reqntid":
                    function.RequiredThreads = ParseExtents();
                    break;
                case ".minnctapersm":
                    function.MinBlocksPerMultiprocessor = _lexer.ExpectInt();
                    break;
                case ".maxnreg":
                    _lexer.ExpectInt();
                    break;
                case ".noreturn":
                    break;
                default:
                    throw _lexer.Error(token, $"'{token.Text}' is not known on a function");
            }
        }
    }

    private Dim3 ParseExtents()
    {
        int x = _lexer.ExpectInt(), y = 1, z = 1;
        if (_lexer.TryTake(','))
        {
            y = _lexer.ExpectInt();
        }

        if (_lexer.TryTake(','))
        {
            z = _lexer.ExpectInt();
        }

        return new Dim3(x, y, z);
    }
}
