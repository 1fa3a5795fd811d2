// SPDX-License-Identifier: Apache-2.0

internal import CGRPC
internal import Synchronization

/// The gRPC core as a whole: started once, never stopped, and its log.
public enum Core {
    /// What the core says of its own accord, such as why a port cannot be listened on.
    public struct LogLine: Sendable {
        /// How grave it is.
        public enum Severity: Sendable { case debug, info, error }
        /// How grave it is.
        public let severity: Severity
        /// What it says.
        public let message: String
    }

    private static let sink = Mutex<(@Sendable (LogLine) -> Void)?>(nil)

    /// Sends the core's log lines of severity error to `sink` instead of standard error; nil drops them.
    public static func log(to newSink: (@Sendable (LogLine) -> Void)?) {
        sink.withLock { $0 = newSink }
        gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR)
        gpr_set_log_function { line in
            guard let line = line?.pointee else { return }
            let severity: LogLine.Severity =
                switch line.severity {
                case GPR_LOG_SEVERITY_ERROR: .error
                case GPR_LOG_SEVERITY_INFO: .info
                default: .debug
                }
            let message = String(cString: line.message)
            Core.sink.withLock { $0 }?(LogLine(severity: severity, message: message))
        }
    }

    /// The version of the core, as in `1.51.1` of Debian 12's package.
    public static var version: String { String(cString: grpc_version_string()) }

    private static let started: Void = grpc_init()

    static func start() {
        _ = started
    }
}
