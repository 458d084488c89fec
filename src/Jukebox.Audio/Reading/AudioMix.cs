namespace Jukebox.Audio.Reading;

/// <summary>Which one signal is made of a recording's channels.</summary>
public enum AudioMix
{
    /// <summary>Their mean.</summary>
    Mid,

    /// <summary>Half of what the left has more than the right, of a recording with two channels: mid + side is the left one, mid − side the right.</summary>
    Side,
}
