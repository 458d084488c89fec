namespace Jukebox.Recordings.Folders;

/// <summary>
/// Lines of a table whose fields tabs separate. A field that begins with a quotation mark and ends, before a tab or the end of the
/// line, with another one is quoted, as spreadsheets save it: within it two marks mean one, and tabs and line ends are its own. A
/// mark anywhere else stands for itself.
/// </summary>
internal static class TabSeparated
{
    /// <summary>Number of the line, from 1, that each record begins in, and its fields.</summary>
    /// <param name="text">Its text.</param>
    public static IEnumerable<(int Line, string[] Fields)> Read(string text)
    {
        int at = 0, line = 1;
        while (at < text.Length)
        {
            int first = line;
            var fields = new List<string>();
            bool more = true;
            while (more)
            {
                string field = at < text.Length && text[at] == '"' && EndOfQuoted(text, at) is { } end ? Quoted(text, ref at, end) : Plain(text, ref at);
                line += field.Count(c => c == '\n');
                fields.Add(field);
                more = at < text.Length && text[at] == '\t';
                at += more ? 1 : 0;
            }

            at += at < text.Length && text[at] == '\r' ? 1 : 0;
            at += at < text.Length && text[at] == '\n' ? 1 : 0;
            line++;
            yield return (first, [.. fields]);
        }
    }

    /// <summary>Place of the mark that ends a quoted field, or none where what begins like one is not.</summary>
    private static int? EndOfQuoted(string text, int start)
    {
        for (int i = start + 1; i < text.Length; i++)
        {
            if (text[i] != '"')
            {
                continue;
            }

            if (i + 1 < text.Length && text[i + 1] == '"')
            {
                i++;
                continue;
            }

            return i + 1 == text.Length || text[i + 1] is '\t' or '\r' or '\n' ? i : null;
        }

        return null;
    }

    private static string Quoted(string text, ref int at, int end)
    {
        string field = text[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal);
        at = end + 1;
        return field;
    }

    private static string Plain(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && text[at] is not ('\t' or '\n') && !(text[at] == '\r' && (at + 1 == text.Length || text[at + 1] == '\n')))
        {
            at++;
        }

        return text[start..at];
    }
}
