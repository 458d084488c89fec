using Jukebox.Core.Errors;
using Jukebox.Samples;

try
{
    switch (args)
    {
        case ["song", var model, var output]:
            SongFromCSharp.Make(model, output);
            return 0;
        case ["codes", var model, var recording]:
            CodesOfAFile.Print(model, recording);
            return 0;
        case ["vectors", var model, var recording]:
            VectorsOfAFile.Print(model, recording);
            return 0;
        default:
            Console.Error.WriteLine("song MODEL OUTPUT, codes MODEL RECORDING, or vectors MODEL RECORDING");
            return 2;
    }
}
catch (JukeboxException error)
{
    Console.Error.WriteLine(error.Message); // a sentence for people, with what would mend it
    return 1;
}
