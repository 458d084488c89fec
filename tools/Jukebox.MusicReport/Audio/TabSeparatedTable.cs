using Jukebox.Core.Errors;

namespace Jukebox.MusicReport.Audio;

/// <summary>A table as a text file: UTF-8, a line per row, columns separated by tabs, the first line names them; '#' begins a comment line.</summary>
internal sealed class TabSeparatedTable
{
    private TabSeparatedTable(string path, TabSeparatedRow[] rows) => (Path, Rows) = (path, rows);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The rows, in order.</summary>
    public IReadOnlyList<TabSeparatedRow> Rows { get; }

    /// <summary>Reads a table. Rows may be shorter than the first line: what is missing is empty.</summary>
    /// <param name="path">The file.</param>
    /// <param name="required">Columns that it must have.</param>
    /// <exception cref="DamagedFileException">A column is missing, or a row has more columns than the first line.</exception>
    public static TabSeparatedTable Read(string path, params ReadOnlySpan<string> required)
    {
        string[]? columns = null;
        var rows = new List<TabSeparatedRow>();
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            string[] fields = line.Split('\t');
            if (columns is null)
            {
                columns = fields;
            }
            else if (fields.Length > columns.Length)
            {
                throw new DamagedFileException(path, -1, $"line {number} has {fields.Length} columns, its first line {columns.Length}", "correct the table");
            }
            else
            {
                rows.Add(new TabSeparatedRow(columns, fields));
            }
        }

        foreach (string column in required)
        {
            if (columns is null || !columns.Contains(column))
            {
                throw new DamagedFileException(path, -1, $"its first line names no column '{column}'", "name the columns, separated by tabs");
            }
        }

        return new TabSeparatedTable(path, [.. rows]);
    }
}

/// <summary>A row of a table.</summary>
internal sealed class TabSeparatedRow
{
    private readonly string[] _columns;
    private readonly string[] _fields;

    public TabSeparatedRow(string[] columns, string[] fields) => (_columns, _fields) = (columns, fields);

    /// <summary>What stands in a column; empty where there is nothing, or no such column.</summary>
    public string this[string column] => Array.IndexOf(_columns, column) is >= 0 and int at && at < _fields.Length ? _fields[at] : "";
}
