// SPDX-License-Identifier: Apache-2.0

internal import CGRPC

/// The settings of a server or channel in the form the core takes them.
struct ChannelArguments {
    private enum Value {
        case integer(Int)
        case text(String)
        case quota(OpaquePointer)
    }

    private var values: [(key: String, value: Value)] = []

    mutating func set(_ key: String, _ value: Int) {
        values.append((key, .integer(value)))
    }

    mutating func set(_ key: String, _ value: Bool) {
        set(key, value ? 1 : 0)
    }

    mutating func set(_ key: String, _ value: String) {
        values.append((key, .text(value)))
    }

    /// Sets a time in the milliseconds that the core counts in; one too long to count means never.
    mutating func set(_ key: String, _ value: Duration) {
        set(key, Int(clamping: value.milliseconds))
    }

    mutating func set(quota: OpaquePointer) {
        values.append((GRPC_ARG_RESOURCE_QUOTA, .quota(quota)))
    }

    /// Calls `body` with the settings; the core copies what it keeps.
    func withCore<Result>(_ body: (UnsafePointer<grpc_channel_args>) -> Result) -> Result {
        var elements = values.map { key, value in
            var element = grpc_arg()
            element.key = gpr_strdup(key)
            switch value {
            case .integer(let number):
                element.type = GRPC_ARG_INTEGER
                element.value.integer = Int32(clamping: number)
            case .text(let text):
                element.type = GRPC_ARG_STRING
                element.value.string = gpr_strdup(text)
            case .quota(let quota):
                element.type = GRPC_ARG_POINTER
                element.value.pointer.p = UnsafeMutableRawPointer(quota)
                element.value.pointer.vtable = grpc_resource_quota_arg_vtable()
            }
            return element
        }
        defer {
            for element in elements {
                gpr_free(element.key)
                if element.type == GRPC_ARG_STRING { gpr_free(element.value.string) }
            }
        }
        return elements.withUnsafeMutableBufferPointer { room in
            var arguments = grpc_channel_args(num_args: room.count, args: room.baseAddress)
            return body(&arguments)
        }
    }
}

extension Duration {
    /// The whole milliseconds in it.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1000).overflow
            ? .max : seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

extension gpr_timespec {
    /// The moment `duration` from now, or never.
    init(in duration: Duration?) {
        guard let duration else {
            self = gpr_inf_future(GPR_CLOCK_MONOTONIC)
            return
        }
        let (seconds, attoseconds) = duration.components
        let span = gpr_timespec(
            tv_sec: seconds, tv_nsec: Int32(attoseconds / 1_000_000_000), clock_type: GPR_TIMESPAN)
        self = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), span)
    }

    /// How long it is until this moment; nil if it never comes.
    var durationFromNow: Duration? {
        let never = gpr_inf_future(clock_type)
        guard gpr_time_cmp(self, never) != 0 else { return nil }
        let span = gpr_time_sub(self, gpr_now(clock_type))
        return .seconds(span.tv_sec) + .nanoseconds(Int64(span.tv_nsec))
    }
}
