using Jukebox.Core.Errors;

namespace Jukebox.Songs;

/// <summary>
/// A request cannot be carried out, or a song folder cannot be used. The message is one sentence for the person at the
/// keyboard: what is wrong, with the numbers, and what to do.
/// </summary>
public sealed class SamplingException(string message, Exception? inner = null) : JukeboxException(message, inner);
