using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Invocation;

/// <summary>The functions of the app, those that run and those that do not. Immutable.</summary>
internal sealed class FunctionRegistry
{
    private FunctionRegistry(IReadOnlyList<RegisteredFunction> all, IReadOnlyList<RegisteredFunction> enabled)
    {
        All = all;
        Enabled = enabled;
    }

    /// <summary>Every function, by name.</summary>
    public IReadOnlyList<RegisteredFunction> All { get; }

    /// <summary>Gets the functions that run, by name.</summary>
    public IReadOnlyList<RegisteredFunction> Enabled { get; }

    public static FunctionRegistry Create(
        IReadOnlyList<FunctionDescriptor> functions, IConfiguration configuration, HostSettings settings, StartupNotices notices)
    {
        var all = functions.OrderBy(f => f.Name, StringComparer.OrdinalIgnoreCase).Select(f => new RegisteredFunction(f)).ToList();
        if (all.CountBy(f => f.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(n => n.Value > 1) is { Value: > 1 } twice)
        {
            throw new InvalidOperationException($"Two functions have the name {twice.Key}.");
        }

        foreach (var name in settings.AllowedFunctions.Where(name => !all.Exists(f => IsNamed(f, name))))
        {
            notices.Add($"The allow-list names {name}, but there is no such function.");
        }

        var switches = new FunctionSwitches(configuration, notices);
        switches.RefuseUnknown([.. all.Select(f => f.Name)]);
        return new FunctionRegistry(all, all.FindAll(f => IsAllowed(f, settings) && !switches.IsOff(f.Name) && Resolves(f, configuration, notices)));
    }

    private static bool IsAllowed(RegisteredFunction function, HostSettings settings) =>
        settings.AllowedFunctions.Count == 0 || settings.AllowedFunctions.Any(name => IsNamed(function, name));

    private static bool IsNamed(RegisteredFunction function, string name) => string.Equals(function.Name, name, StringComparison.OrdinalIgnoreCase);

    private static bool Resolves(RegisteredFunction function, IConfiguration configuration, StartupNotices notices)
    {
        if (function.Descriptor.Trigger is not KafkaTriggerAttribute trigger)
        {
            return true;
        }

        var names = new SettingNames(configuration);
        if (names.TryResolve(trigger.Topic, out _, out var error) && names.TryResolve(trigger.ConsumerGroup ?? "", out _, out error))
        {
            return true;
        }

        notices.Add($"The function {function.Name} is disabled: {error}");
        return false;
    }
}
