namespace Jukebox.PtxMachine.Parsing;

internal enum TokenKind : byte
{
    End,

    /// <summary>A name, an opcode with its modifiers, a register, a directive: everything that starts with a letter or one of <c>% $ _ .</c></summary>
    Word,
    Number,
    Text,
    Symbol,
}

/// <summary>One token; <see cref="Line"/> counts from 1.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    public bool Is(char symbol) => Kind == TokenKind.Symbol && Text[0] == symbol;

    public bool IsWord(string word) => Kind == TokenKind.Word && Text == word;
}

/// <summary>Cuts PTX text into tokens, with one token of lookahead.</summary>
internal sealed class PtxLexer(string text, string fileName)
{
    private int _position;
    private int _line = 1;
    private Token? _peeked;

    public string FileName => fileName;

    public Token Peek() => _peeked ??= Scan();

    public Token Next()
    {
        Token token = Peek();
        _peeked = null;
        return token;
    }

    public bool TryTake(char symbol)
    {
        if (!Peek().Is(symbol))
        {
            return false;
        }

        _peeked = null;
        return true;
    }

    public bool TryTake(string word)
    {
        if (!Peek().IsWord(word))
        {
            return false;
        }

        _peeked = null;
        return true;
    }

    public void Expect(char symbol)
    {
        Token token = Next();
        if (!token.Is(symbol))
        {
            throw Error(token, $"'{symbol}' expected before '{token.Text}'");
        }
    }

    public string ExpectWord()
    {
        Token token = Next();
        return token.Kind == TokenKind.Word ? token.Text : throw Error(token, $"a name expected before '{token.Text}'");
    }

    public int ExpectInt()
    {
        Token token = Next();
        return token.Kind == TokenKind.Number && int.TryParse(token.Text, out int value) ? value : throw Error(token, $"a number expected before '{token.Text}'");
    }

    public PtxException Error(Token at, string what) => new(fileName, at.Line, what);

    private Token Scan()
    {
        SkipBlanks();
        if (_position >= text.Length)
        {
            return new Token(TokenKind.End, "end of file", _line);
        }

        int start = _position;
        char first = text[start];
        if (IsWordStart(first))
        {
            ScanWord();
            return new Token(TokenKind.Word, text[start.._position], _line);
        }

        if (char.IsAsciiDigit(first))
        {
            do
            {
                _position++;
            }
            while (_position < text.Length && (char.IsAsciiLetterOrDigit(text[_position]) || text[_position] == '.'));
            return new Token(TokenKind.Number, text[start.._position], _line);
        }

        return first == '"' ? ScanText() : new Token(TokenKind.Symbol, text[_position++].ToString(), _line);
    }

    /// <summary>A word runs over dots and over <c>::</c> inside (<c>ld.global.L1::no_allocate.f32</c>), but not over a label's colon.</summary>
    private void ScanWord()
    {
        _position++;
        while (_position < text.Length)
        {
            char c = text[_position];
            if (c == ':' && _position + 2 < text.Length && text[_position + 1] == ':' && char.IsAsciiLetterOrDigit(text[_position + 2]))
            {
                _position += 2;
            }
            else if (char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or '.')
            {
                _position++;
            }
            else
            {
                return;
            }
        }
    }

    private Token ScanText()
    {
        int end = text.IndexOf('"', _position + 1);
        if (end < 0)
        {
            throw new PtxException(fileName, _line, "a string without its closing quote");
        }

        var token = new Token(TokenKind.Text, text[(_position + 1)..end], _line);
        _position = end + 1;
        return token;
    }

    private void SkipBlanks()
    {
        while (_position < text.Length)
        {
            char c = text[_position];
            if (c == '\n')
            {
                _line++;
                _position++;
            }
            else if (char.IsWhiteSpace(c))
            {
                _position++;
            }
            else if (c == '/' && StartsWith("//"))
            {
                int end = text.IndexOf('\n', _position);
                _position = end < 0 ? text.Length : end;
            }
            else if (c == '/' && StartsWith("/*"))
            {
                SkipBlockComment();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipBlockComment()
    {
        int end = text.IndexOf("*/", _position + 2, StringComparison.Ordinal);
        end = end < 0 ? text.Length : end + 2;
        _line += text.AsSpan(_position, end - _position).Count('\n');
        _position = end;
    }

    private bool StartsWith(string what) => text.AsSpan(_position).StartsWith(what, StringComparison.Ordinal);

    private static bool IsWordStart(char c) => char.IsAsciiLetter(c) || c is '%' or '$' or '_' or '.';
}
