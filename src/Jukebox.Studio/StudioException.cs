using Jukebox.Core.Errors;

namespace Jukebox.Studio;

/// <summary>What was asked makes sense but cannot be done here and now: the message is one sentence that says what to do.</summary>
public sealed class StudioException(string message, Exception? inner = null) : JukeboxException(message, inner);
