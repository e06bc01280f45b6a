namespace SimpleTime.Functions.Worker;

/// <summary>The state of the producers or consumers of the app.</summary>
public enum KafkaClientState
{
    /// <summary>No enabled function uses one.</summary>
    Disabled,

    /// <summary>It does not work now.</summary>
    NotUp,

    /// <summary>It works.</summary>
    Up,
}
