using Jukebox.Core.Errors;

namespace Jukebox.Recordings;

/// <summary>A collection of recordings, its table or its cache cannot be used as asked: one sentence that says what to do.</summary>
public sealed class RecordingException(string message, Exception? inner = null) : JukeboxException(message, inner);
