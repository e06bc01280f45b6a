using System.Diagnostics;
using System.Runtime.CompilerServices;
using Xunit.Sdk;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>
/// Waits for a condition by asking again every 20 ms until a deadline. An exception of the question counts as "not yet",
/// and one that does not answer is given up at the deadline. All members fail with an <see cref="XunitException"/> that shows
/// the last value or exception.
/// </summary>
internal static class Eventually
{
    /// <summary>The deadline where none is given: long enough for a busy machine, as only a failure waits for it.</summary>
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="within">The deadline; <see cref="DefaultDeadline"/> when null.</param>
    /// <param name="text">The condition as the failure names it.</param>
    public static Task BecomesTrueAsync(
        Func<bool> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        PollAsync(() => Task.FromResult(condition()), value => value, "true", within, text);

    /// <inheritdoc cref="BecomesTrueAsync(Func{bool}, TimeSpan?, string)"/>
    public static Task BecomesTrueAsync(
        Func<Task<bool>> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        PollAsync(condition, value => value, "true", within, text);

    /// <summary>Waits until a value is as expected.</summary>
    /// <param name="expected">The value to wait for.</param>
    /// <param name="read">Reads the value.</param>
    /// <param name="within">The deadline; <see cref="DefaultDeadline"/> when null.</param>
    /// <param name="text">The value as the failure names it.</param>
    public static Task EqualsAsync<T>(
        T expected, Func<T> read, TimeSpan? within = null, [CallerArgumentExpression(nameof(read))] string text = "") =>
        EqualsAsync(expected, () => Task.FromResult(read()), within, text);

    /// <inheritdoc cref="EqualsAsync{T}(T, Func{T}, TimeSpan?, string)"/>
    public static Task EqualsAsync<T>(
        T expected, Func<Task<T>> read, TimeSpan? within = null, [CallerArgumentExpression(nameof(read))] string text = "") =>
        PollAsync(read, value => EqualityComparer<T>.Default.Equals(value, expected), $"{expected}", within, text);

    /// <summary>Waits until a value meets a condition, and returns it.</summary>
    /// <param name="read">Reads the value.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="within">The deadline; <see cref="DefaultDeadline"/> when null.</param>
    /// <param name="text">The condition as the failure names it.</param>
    public static Task<T> MeetsAsync<T>(
        Func<Task<T>> read,
        Func<T, bool> condition,
        TimeSpan? within = null,
        [CallerArgumentExpression(nameof(condition))] string text = "") =>
        PollAsync(read, condition, "a value that meets it", within, text);

    private static async Task<T> PollAsync<T>(
        Func<Task<T>> read, Func<T, bool> condition, string expected, TimeSpan? within, string text)
    {
        var deadline = within ?? DefaultDeadline;
        var started = Stopwatch.GetTimestamp();
        var last = "none";
        while (true)
        {
            var remaining = deadline - Stopwatch.GetElapsedTime(started);
            if (remaining <= TimeSpan.Zero)
            {
                throw Failure(last);
            }

            var reading = AskAsync(read);
            if (await Task.WhenAny(reading, Task.Delay(remaining)) != reading)
            {
                throw Failure(last + ", then no answer");
            }

            try
            {
                var value = await reading;
                if (condition(value))
                {
                    return value;
                }

                last = $"{value}";
            }
            catch (Exception e)
            {
                last = e.GetType().Name + ": " + e.Message;
            }

            await Task.Delay(_interval);
        }

        XunitException Failure(string seen) => new(
            $"Not within {deadline.TotalSeconds:0.###} s: {text}{Environment.NewLine}"
            + $"Expected: {expected}{Environment.NewLine}Last: {seen}");
    }

    // An async method of its own, so that what the question throws at once is in the task too.
    private static async Task<T> AskAsync<T>(Func<Task<T>> read) => await read();
}
