using Jukebox.Core.Errors;

namespace Jukebox.Conversion;

/// <summary>What was asked for cannot be done as things are: something is missing, in the way, or ambiguous. One sentence that says what to do.</summary>
public sealed class ConversionException(string message) : JukeboxException(message);
