namespace Jukebox.Core.Errors;

/// <summary>
/// Something that is expected to go wrong now and then, and is not a fault of this program: the message is a sentence for people
/// that names what it is about and what mends it. Whoever shows messages catches this type; what else arrives is a fault.
/// </summary>
/// <param name="message">The sentence.</param>
/// <param name="inner">The lower-level failure, if any.</param>
public abstract class JukeboxException(string message, Exception? inner = null) : Exception(message, inner);
