// SPDX-License-Identifier: Apache-2.0
// What of the gRPC C core does not import into Swift by itself: macros with arguments, and the memory that
// batches point at, which must stay where it is until their tags come back.
#pragma once
// Before any header of the core: those define _GNU_SOURCE, and the system's types would differ from Glibc's.
#include <pthread.h>
#include <sys/select.h>

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/log.h>
#include <grpc/support/string_util.h>
#include <grpc/support/time.h>
#include <string.h>

// The memory of one call on the server, from the moment it is asked for.
typedef struct casemate_server_call {
    grpc_call *call;
    gpr_timespec deadline;
    grpc_metadata_array metadata;
    grpc_call_details details;
    grpc_byte_buffer *received;
    int cancelled;
} casemate_server_call;

// The memory of one call on the client.
typedef struct casemate_client_call {
    grpc_metadata_array initial_metadata;
    grpc_metadata_array trailing_metadata;
    grpc_byte_buffer *received;
    grpc_status_code status;
    grpc_slice status_message;
} casemate_client_call;

static inline const uint8_t *casemate_slice_start(const grpc_slice *slice) {
    return GRPC_SLICE_START_PTR(*slice);
}

static inline size_t casemate_slice_length(const grpc_slice *slice) {
    return GRPC_SLICE_LENGTH(*slice);
}

// The slices of a raw byte buffer; they stay valid as long as the buffer is not destroyed.
static inline size_t casemate_buffer_slice_count(const grpc_byte_buffer *buffer) {
    return buffer->data.raw.slice_buffer.count;
}

static inline const grpc_slice *casemate_buffer_slice(const grpc_byte_buffer *buffer, size_t position) {
    return &buffer->data.raw.slice_buffer.slices[position];
}

static inline grpc_slice casemate_empty_slice(void) {
    return grpc_empty_slice();
}

extern int pthread_setname_np(pthread_t thread, const char *name);
