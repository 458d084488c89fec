using Jukebox.Core.Errors;

namespace Jukebox.Core.Files;

/// <summary>A file or folder cannot be written or used: the disk is full, somebody else holds it, it is read-only. Nothing in it is wrong.</summary>
public sealed class StorageException(string message, Exception? inner = null) : JukeboxException(message, inner);
