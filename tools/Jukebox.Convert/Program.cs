using Jukebox.Conversion.Shell;

string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
return new ConvertCommandLine(Console.Out, Console.Error, isLive: !Console.IsErrorRedirected, home, Environment.CurrentDirectory).Run(args, handleSignals: true);
