using Jukebox.Core.Errors;

namespace Jukebox.MusicReport;

/// <summary>What keeps a report from being made, in one sentence with what to do.</summary>
public sealed class ReportException(string message) : JukeboxException(message);
