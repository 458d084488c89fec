namespace Jukebox.Core.Errors;

/// <summary>A request makes no sense, whatever the model and the machine: the message says what to write instead.</summary>
public sealed class UsageException(string message, Exception? inner = null) : JukeboxException(message, inner);
