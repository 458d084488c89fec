using System.Runtime.InteropServices;

namespace Jukebox.Cli;

/// <summary>
/// Turns the first Ctrl-C (or SIGTERM) into a cancelled token, so that the token at hand is finished and flushed; the
/// second one ends the process where it stands.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption(bool handleSignals, Action announce)
    {
        _registrations = !handleSignals ? [] :
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];

        void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            if (_source.IsCancellationRequested)
            {
                // Exit() would wait for finalisers and handlers; the second Ctrl-C means now.
                System.Diagnostics.Process.GetCurrentProcess().Kill();
            }

            announce();
            _source.Cancel();
        }
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }
}
