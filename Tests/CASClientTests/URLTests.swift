// SPDX-License-Identifier: Apache-2.0

import CASClient
import Testing

@Suite struct URLTests {
    @Test(arguments: [
        "grpc://localhost:11001", "grpcs://cache.example.org:443", "grpc://[::1]:1", "grpc://10.0.0.1:65535",
    ])
    func `a URL is a scheme, a host and a port`(text: String) throws {
        #expect(try RemoteURL(text).description == text)
        #expect(try RemoteURL(text + "/") == RemoteURL(text))
    }

    @Test(arguments: [
        "", "localhost:11001", "http://localhost:11001", "grpc://", "grpc://localhost", "grpc://:1",
        "grpc://a:0",
        "grpc://a:65536", "grpc://a:1/team", "grpc://a:1?x", "grpc://u@a:1", "grpc://[::1]", "grpc://::1:1",
        "grpc://a b:1",
        "GRPC://a:1", "grpc://a:+1", "grpc://a:",
    ])
    func `anything else is refused with what was expected`(text: String) {
        let error = #expect(throws: ClientError.self) { try RemoteURL(text) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.sentence.contains("grpc://host:11001") == true)
    }
}
