/* Makes every flush of the disk take as long as an office's disk takes: the disks of build machines answer in 0.1 to 4 ms as they
 * please, and a figure must not hang on that. Loaded before the C library (LD_PRELOAD); FLUSH_MICROSECONDS says how much longer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_longer(void) {
    static long microseconds = -1;
    if (microseconds < 0) {
        const char *text = getenv("FLUSH_MICROSECONDS");
        microseconds = text ? atol(text) : 0;
    }
    struct timespec left = {microseconds / 1000000, microseconds % 1000000 * 1000};
    while (nanosleep(&left, &left) != 0) {
    }
}

int fsync(int file) {
    static int (*flush)(int);
    if (!flush) flush = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_longer();
    return flush(file);
}

int fdatasync(int file) {
    static int (*flush)(int);
    if (!flush) flush = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_longer();
    return flush(file);
}
