using Jukebox.Core.Errors;

namespace Jukebox.Training;

/// <summary>A training run cannot be begun or go on. The message is one sentence that says what to do.</summary>
public sealed class TrainingException(string message, Exception? inner = null) : JukeboxException(message, inner);
