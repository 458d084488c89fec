namespace Jukebox.PtxMachine.Parsing;

/// <summary>Reads variables with their initializers, parameter lists, numbers and source locations.</summary>
internal sealed class DeclarationParser(PtxLexer lexer)
{
    /// <summary>File and line of the last <c>.loc</c>; zeros where there was none.</summary>
    public (int File, int Line) Location { get; set; }

    /// <summary><c>.loc file line column [, function_name label, inlined_at file line column]</c>, the word itself taken.</summary>
    public void ParseLocation()
    {
        Location = (lexer.ExpectInt(), lexer.ExpectInt());
        lexer.ExpectInt();
        if (!lexer.TryTake(','))
        {
            return;
        }

        lexer.ExpectWord();
        lexer.ExpectWord();
        if (lexer.TryTake('+'))
        {
            lexer.ExpectInt();
        }

        lexer.Expect(',');
        lexer.ExpectWord();
        lexer.ExpectInt();
        lexer.ExpectInt();
        lexer.ExpectInt();
    }

    /// <summary>What follows <c>.global</c>, <c>.shared</c> and the like, up to and with the semicolon.</summary>
    public List<Variable> ParseVariables(Token space, bool isExternal)
    {
        var result = new List<Variable>();
        (PtxType type, int vector, int alignment) = ParseTypeAndAlignment();
        do
        {
            result.Add(ParseVariable(FindSpace(space), type, vector, alignment, isExternal));
        }
        while (lexer.TryTake(','));
        lexer.Expect(';');
        return result;
    }

    /// <summary>A parameter list up to and with its closing parenthesis, the opening one taken.</summary>
    public List<Variable> ParseParameters()
    {
        var result = new List<Variable>();
        while (!lexer.TryTake(')'))
        {
            Token space = lexer.Next();
            if (!space.IsWord(".param"))
            {
                throw lexer.Error(space, $"a parameter in '{space.Text}': only .param is known");
            }

            (PtxType type, int vector, int alignment) = ParseTypeAndAlignment();
            result.Add(ParseVariable(VariableSpace.Param, type, vector, alignment, false));
            lexer.TryTake(',');
        }

        return result;
    }

    /// <summary>A number as its bits: decimal, hexadecimal, or a float's pattern.</summary>
    public ulong ParseBits(Token token)
    {
        string text = token.Text.TrimEnd('U');
        ulong bits;
        bool read = text is ['0', 'f' or 'F' or 'd' or 'D' or 'x' or 'X', ..]
            ? TryHex(text[2..], out bits)
            : ulong.TryParse(text, out bits) && text is not ['0', _, ..];
        return read ? bits : throw lexer.Error(token, $"'{token.Text}' is not a number that is known");
    }

    private static bool TryHex(string text, out ulong bits) => ulong.TryParse(text, System.Globalization.NumberStyles.AllowHexSpecifier, null, out bits);

    private VariableSpace FindSpace(Token space) => space.Text switch
    {
        ".global" => VariableSpace.Global,
        ".const" => VariableSpace.Const,
        ".shared" => VariableSpace.Shared,
        ".local" => VariableSpace.Local,
        ".param" => VariableSpace.Param,
        _ => throw lexer.Error(space, $"'{space.Text}' is not a space that is known"),
    };

    private (PtxType Type, int Vector, int Alignment) ParseTypeAndAlignment()
    {
        int alignment = 0, vector = 1;
        while (true)
        {
            Token token = lexer.Next();
            switch (token.Text)
            {
                case ".align":
                    alignment = lexer.ExpectInt();
                    break;
                case ".v2":
                    vector = 2;
                    break;
                case ".v4":
                    vector = 4;
                    break;
                case ".attribute":
                    SkipParentheses();
                    break;
                default:
                    PtxType type = token.Text.Length > 1 ? PtxTypes.Find(token.Text.AsSpan(1)) : PtxType.None;
                    return type != PtxType.None ? (type, vector, alignment) : throw lexer.Error(token, $"a type expected before '{token.Text}'");
            }
        }
    }

    private void SkipParentheses()
    {
        while (!lexer.Next().Is(')'))
        {
        }
    }

    private Variable ParseVariable(VariableSpace space, PtxType type, int vector, int alignment, bool isExternal)
    {
        SkipPointerAttributes(ref alignment);
        Token name = lexer.Next();
        int elementBytes = type.LengthBytes() * vector;
        long lengthBytes = elementBytes;
        while (lexer.TryTake('['))
        {
            lengthBytes = lexer.Peek().Is(']') ? 0 : lengthBytes * lexer.ExpectInt();
            lexer.Expect(']');
        }

        var variable = new Variable(name.Text, space, type, lengthBytes, Math.Max(alignment, Math.Max(elementBytes, 1)), name.Line, isExternal);
        if (alignment != 0)
        {
            variable = variable with { Alignment = alignment };
        }

        if (lexer.TryTake('='))
        {
            ParseInitializer(variable, type.LengthBytes(), 0);
        }

        return variable;
    }

    /// <summary>Kernel parameters may say <c>.ptr .global .align 4</c> between type and name.</summary>
    private void SkipPointerAttributes(ref int alignment)
    {
        if (!lexer.TryTake(".ptr"))
        {
            return;
        }

        while (lexer.Peek().Kind == TokenKind.Word && lexer.Peek().Text[0] == '.')
        {
            if (lexer.Next().Text == ".align")
            {
                lexer.ExpectInt();
            }
        }

        alignment = 8;
    }

    private long ParseInitializer(Variable variable, int elementBytes, long offset)
    {
        if (lexer.TryTake('{'))
        {
            while (!lexer.TryTake('}'))
            {
                offset = ParseInitializer(variable, elementBytes, offset);
                lexer.TryTake(',');
            }

            return offset;
        }

        variable.Initializers.Add(ParseElement(offset, elementBytes));
        return offset + elementBytes;
    }

    private Initializer ParseElement(long offset, int elementBytes)
    {
        bool negative = lexer.TryTake('-');
        Token token = lexer.Next();
        if (token.Kind == TokenKind.Number)
        {
            ulong bits = ParseBits(token);
            return new Initializer(offset, elementBytes, negative ? 0 - bits : bits, null);
        }

        // A symbol's address, or generic(symbol), with an optional offset.
        bool generic = token.IsWord("generic");
        if (generic)
        {
            lexer.Expect('(');
            token = lexer.Next();
            lexer.Expect(')');
        }

        ulong add = lexer.TryTake('+') ? ParseBits(lexer.Next()) : 0;
        return token.Kind == TokenKind.Word
            ? new Initializer(offset, elementBytes, add, token.Text)
            : throw lexer.Error(token, $"'{token.Text}' is not an initializer that is known");
    }
}
