/* Makes calls of the C library fail on purpose; loaded before it by LD_PRELOAD.
 *
 * VPO_FAULT_PATH   only calls on files whose path begins with this
 * VPO_FAULT_ERROR  the errno that they fail with
 * VPO_FAULT_CALLS  "write" (write, sync, truncate), "read" or "rename" (rename, link, unlink)
 * VPO_FAULT_AT     the first call that fails, from one
 * VPO_FAULT_LAST   the last call that fails; a disk that stays full has a large one
 * VPO_CLOCK_AT     from this question on the time of day is another one ...
 * VPO_CLOCK_BY     ... by this many seconds
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long number(const char *name, long otherwise) {
    const char *value = getenv(name);
    return value ? atol(value) : otherwise;
}

/* Whether this call on a file of this name is one of those that fail; errno is set then. */
static int fails_at(const char *target, const char *calls) {
    static atomic_long count;
    const char *path = getenv("VPO_FAULT_PATH"), *wanted = getenv("VPO_FAULT_CALLS");
    if (!path || !wanted || strcmp(wanted, calls) != 0) return 0;
    if (strncmp(target, path, strlen(path)) != 0) return 0;
    long now = atomic_fetch_add(&count, 1) + 1;
    if (now < number("VPO_FAULT_AT", 1) || now > number("VPO_FAULT_LAST", 1)) return 0;
    errno = (int)number("VPO_FAULT_ERROR", EIO);
    return 1;
}

/* The same for an open file. */
static int fails(int descriptor, const char *calls) {
    char link[64], target[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, target, sizeof target - 1);
    if (length < 0) return 0;
    target[length] = 0;
    return fails_at(target, calls);
}

#define WRAP(kind, result, name, parameters, arguments)            \
    result name parameters {                                       \
        static result(*real) parameters;                           \
        if (!real) real = (result(*) parameters)dlsym(RTLD_NEXT, #name); \
        if (fails(descriptor, kind)) return -1;                    \
        return real arguments;                                     \
    }

WRAP("write", ssize_t, write, (int descriptor, const void *bytes, size_t count), (descriptor, bytes, count))
WRAP("write", ssize_t, pwrite, (int descriptor, const void *bytes, size_t count, off_t at), (descriptor, bytes, count, at))
WRAP("write", ssize_t, pwrite64, (int descriptor, const void *bytes, size_t count, off64_t at), (descriptor, bytes, count, at))
WRAP("write", int, fsync, (int descriptor), (descriptor))
WRAP("write", int, fdatasync, (int descriptor), (descriptor))
WRAP("write", int, ftruncate, (int descriptor, off_t length), (descriptor, length))
WRAP("write", int, ftruncate64, (int descriptor, off64_t length), (descriptor, length))
WRAP("read", ssize_t, read, (int descriptor, void *bytes, size_t count), (descriptor, bytes, count))
WRAP("read", ssize_t, pread, (int descriptor, void *bytes, size_t count, off_t at), (descriptor, bytes, count, at))
WRAP("read", ssize_t, pread64, (int descriptor, void *bytes, size_t count, off64_t at), (descriptor, bytes, count, at))

#define WRAP_NAME(result, name, parameters, arguments)             \
    result name parameters {                                       \
        static result(*real) parameters;                           \
        if (!real) real = (result(*) parameters)dlsym(RTLD_NEXT, #name); \
        if (fails_at(from, "rename")) return -1;                   \
        return real arguments;                                     \
    }

WRAP_NAME(int, rename, (const char *from, const char *to), (from, to))
WRAP_NAME(int, link, (const char *from, const char *to), (from, to))
WRAP_NAME(int, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags))
WRAP_NAME(int, unlink, (const char *from), (from))

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    static atomic_long count;
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    long at = number("VPO_CLOCK_AT", 0);
    if (at && clock == CLOCK_REALTIME && result == 0 && atomic_fetch_add(&count, 1) + 1 >= at)
        time->tv_sec += number("VPO_CLOCK_BY", 0);
    return result;
}
