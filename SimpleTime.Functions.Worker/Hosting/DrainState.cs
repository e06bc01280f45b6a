namespace SimpleTime.Functions.Worker.Hosting;

internal sealed class DrainState : IDrain
{
    private volatile bool _isDraining;

    public bool IsDraining => _isDraining;

    public void Begin() => _isDraining = true;
}
