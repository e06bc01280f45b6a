using Microsoft.Extensions.DependencyInjection;

namespace SimpleTime.Functions.Settings;

/// <summary>Something that is wrong with a setting and does not keep the service from running. Immutable.</summary>
/// <param name="Text">What is wrong, as a sentence that names the setting.</param>
internal sealed record SettingProblem(string Text)
{
    /// <summary>Has problems told at the start.</summary>
    /// <param name="services">The services of the app.</param>
    /// <param name="problems">The problems, a sentence each.</param>
    public static void Add(IServiceCollection services, IEnumerable<string> problems)
    {
        foreach (var problem in problems)
        {
            services.AddSingleton(new SettingProblem(problem));
        }
    }
}
