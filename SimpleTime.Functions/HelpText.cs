using SimpleTime.Functions.DeadLetters;
using SimpleTime.Functions.Healthcheck;
using SimpleTime.Functions.Refused;

namespace SimpleTime.Functions;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpText
{
    /// <summary>Gets how the program is called.</summary>
    public static string Text => $"""
        Usage: SimpleTime.Functions [--urls ADDRESSES | --port N]
               SimpleTime.Functions COMMAND [OPTIONS]

        Without a command, runs the service.
          --urls ADDRESSES  where it listens, such as http://0.0.0.0:8080; several are separated by semicolons
          --port N          the port of http://localhost, in a container of http://0.0.0.0
          --version         prints the version
          --help            prints this

        Commands
          {DeadLetterCommand.Name}  sends again what could not be read from Kafka
          {RefusedCommand.Name}      sends again what Kafka refused for good
          {HealthcheckCommand.Name}          asks the running service whether it lives: exit code 0 or 1
          COMMAND --help       prints its options

        Exit codes of the service: 0 after a signal to end, 1 for a setting or a fault that keeps it from running, 2 for a wrong argument.
        Its settings are environment variables, see docs/settings.md.
        """;
}
