namespace Jukebox.PtxMachine.Parsing;

/// <summary>Reads one function's body: scopes, registers, variables, labels and instructions.</summary>
internal sealed class BodyParser(PtxLexer lexer, DeclarationParser declarations, PtxFunction function)
{
    private readonly List<Dictionary<string, Register>> _scopes = [[]];
    private string? _label;

    /// <summary>Reads up to and with the closing brace, the opening one taken.</summary>
    public void Parse()
    {
        declarations.Location = default;
        while (_scopes.Count > 0)
        {
            Token token = lexer.Next();
            if (token.Kind == TokenKind.End)
            {
                throw lexer.Error(token, $"the body of {function.Name} has no end");
            }

            ParseStatement(token);
        }
    }

    private void ParseStatement(Token token)
    {
        if (token.Is(';'))
        {
            return;
        }

        if (token.Is('{'))
        {
            _scopes.Add([]);
        }
        else if (token.Is('}'))
        {
            _scopes.RemoveAt(_scopes.Count - 1);
        }
        else if (token.Is('@'))
        {
            ParseGuarded();
        }
        else if (token.Kind != TokenKind.Word)
        {
            throw lexer.Error(token, $"'{token.Text}' where an instruction was expected");
        }
        else if (token.Text[0] == '.')
        {
            ParseDirective(token);
        }
        else if (lexer.TryTake(':'))
        {
            function.Labels[token.Text] = function.Instructions.Count;
            _label = token.Text;
        }
        else
        {
            ParseInstruction(token, null, false);
        }
    }

    private void ParseGuarded()
    {
        bool negated = lexer.TryTake('!');
        Token name = lexer.Next();
        Register guard = Find(name.Text) ?? throw lexer.Error(name, $"the predicate {name.Text} is not declared");
        ParseInstruction(lexer.Next(), guard, negated);
    }

    private void ParseDirective(Token token)
    {
        switch (token.Text)
        {
            case ".reg":
                ParseRegisters();
                break;
            case ".loc":
                declarations.ParseLocation();
                break;
            case ".pragma":
                SkipStatement();
                break;
            case ".branchtargets":
                ParseBranchTargets(token);
                break;
            case ".shared" or ".local" or ".param":
                function.Variables.AddRange(declarations.ParseVariables(token, false));
                break;
            default:
                throw lexer.Error(token, $"'{token.Text}' is not known in a body");
        }
    }

    private void SkipStatement()
    {
        while (!lexer.Next().Is(';'))
        {
        }
    }

    private void ParseBranchTargets(Token at)
    {
        var targets = new List<string>();
        do
        {
            targets.Add(lexer.ExpectWord());
        }
        while (lexer.TryTake(','));
        lexer.Expect(';');
        function.BranchTables[_label ?? throw lexer.Error(at, ".branchtargets without a label")] = [.. targets];
    }

    /// <summary><c>.reg .f32 %f&lt;9&gt;, x;</c></summary>
    private void ParseRegisters()
    {
        Token typeName = lexer.Next();
        PtxType type = typeName.Text.Length > 1 ? PtxTypes.Find(typeName.Text.AsSpan(1)) : PtxType.None;
        if (type is PtxType.None or PtxType.B128)
        {
            throw lexer.Error(typeName, $"registers of type '{typeName.Text}' are not known");
        }

        do
        {
            string name = lexer.ExpectWord();
            if (!lexer.TryTake('<'))
            {
                Declare(name, type);
                continue;
            }

            int count = lexer.ExpectInt();
            lexer.Expect('>');
            for (int i = 0; i < count; i++)
            {
                Declare(name + i, type);
            }
        }
        while (lexer.TryTake(','));
        lexer.Expect(';');
    }

    private void Declare(string name, PtxType type)
    {
        var register = new Register(name, type, function.Registers.Count);
        function.Registers.Add(register);
        _scopes[^1][name] = register;
    }

    private Register? Find(string name)
    {
        for (int i = _scopes.Count - 1; i >= 0; i--)
        {
            if (_scopes[i].TryGetValue(name, out Register? register))
            {
                return register;
            }
        }

        return null;
    }

    private void ParseInstruction(Token opcode, Register? guard, bool negated)
    {
        var operands = new List<Operand>();
        while (!lexer.TryTake(';'))
        {
            if (lexer.Peek().Kind == TokenKind.End)
            {
                throw lexer.Error(opcode, $"'{opcode.Text}' has no semicolon");
            }

            operands.Add(ParseOperand());
            lexer.TryTake(',');
        }

        string[] parts = opcode.Text.Split('.');
        function.Instructions.Add(new PtxInstruction
        {
            Opcode = parts[0],
            Modifiers = parts[1..],
            Operands = [.. operands],
            Guard = guard,
            GuardNegated = negated,
            Line = opcode.Line,
            SourceFile = declarations.Location.File,
            SourceLine = declarations.Location.Line,
        });
    }

    private Operand ParseOperand()
    {
        Operand first = ParseSimpleOperand();
        return lexer.TryTake('|') ? new Operand { Kind = OperandKind.Pair, Parts = [first, ParseSimpleOperand()] } : first;
    }

    private Operand ParseSimpleOperand()
    {
        Token token = lexer.Next();
        if (token.Kind == TokenKind.Symbol)
        {
            switch (token.Text[0])
            {
                case '{':
                    return new Operand { Kind = OperandKind.Vector, Parts = ParseUntil('}') };
                case '(':
                    return new Operand { Kind = OperandKind.List, Parts = ParseUntil(')') };
                case '[':
                    return ParseAddress();
                case '!':
                    return ParseNegated();
                case '-':
                    return new Operand { Kind = OperandKind.Immediate, Bits = 0 - declarations.ParseBits(lexer.Next()) };
            }
        }

        return token.Kind switch
        {
            TokenKind.Number => new Operand { Kind = OperandKind.Immediate, Bits = declarations.ParseBits(token) },
            TokenKind.Word => ParseName(token),
            _ => throw lexer.Error(token, $"'{token.Text}' where an operand was expected"),
        };
    }

    private Operand ParseNegated()
    {
        Token name = lexer.Next();
        Register register = Find(name.Text) ?? throw lexer.Error(name, $"the predicate {name.Text} is not declared");
        return new Operand { Kind = OperandKind.Register, Register = register, Name = name.Text, Negated = true };
    }

    private Operand ParseName(Token token)
    {
        if (token.Text == "_")
        {
            return new Operand { Kind = OperandKind.Sink };
        }

        if (token.Text == "WARP_SZ")
        {
            return new Operand { Kind = OperandKind.Immediate, Bits = 32 };
        }

        if (Find(token.Text) is Register register)
        {
            return new Operand { Kind = OperandKind.Register, Register = register, Name = token.Text };
        }

        return new Operand { Kind = OperandKind.Symbol, Name = token.Text, Offset = ParseOffset() };
    }

    private Operand[] ParseUntil(char close)
    {
        var parts = new List<Operand>();
        while (!lexer.TryTake(close))
        {
            parts.Add(ParseSimpleOperand());
            lexer.TryTake(',');
        }

        return [.. parts];
    }

    private Operand ParseAddress()
    {
        Operand start = ParseSimpleOperand();
        long offset = start.Kind == OperandKind.Symbol ? start.Offset : ParseOffset();
        lexer.Expect(']');
        return new Operand { Kind = OperandKind.Address, Parts = [start], Offset = offset };
    }

    /// <summary><c>+ 4</c>, <c>+ -4</c> or <c>- 4</c>; 0 where there is none.</summary>
    private long ParseOffset()
    {
        bool subtract = lexer.Peek().Is('-');
        if (!subtract && !lexer.Peek().Is('+'))
        {
            return 0;
        }

        lexer.Next();
        bool negative = lexer.TryTake('-') ^ subtract;
        long value = (long)declarations.ParseBits(lexer.Next());
        return negative ? -value : value;
    }
}
