namespace Jukebox.Core.Errors;

/// <summary>A device that computes is not there, or failed: what had not been read back from it is gone, what is on disk is not.</summary>
/// <param name="message">One sentence that says what was tried and what to do.</param>
/// <param name="inner">The lower-level failure, if any.</param>
public class DeviceException(string message, Exception? inner = null) : JukeboxException(message, inner);
