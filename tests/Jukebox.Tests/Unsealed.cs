using System.Text;
using Jukebox.Core.Files;

namespace Jukebox.Tests;

/// <summary>Descriptions without their digest, as a person leaves them who means an edit.</summary>
internal static class Unsealed
{
    /// <summary>The text of a description.</summary>
    public static string Read(string path) => Encoding.UTF8.GetString(SealedJson.Read(path, ""));

    /// <summary>Takes the digest off a file.</summary>
    public static void Make(string path) => File.WriteAllText(path, Read(path));
}
