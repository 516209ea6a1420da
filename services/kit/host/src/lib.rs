//! A process: configuration, telemetry, tasks, shutdown, clock, gRPC serving, channels, the door.
