/* The program around a model on the host: rows of CELL_IN_BYTES from standard input, for each of them CELL_OUT_BYTES and the
   nanoseconds it took (uint64_t, native order) on standard output. Ends at the end of the input. */

#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <time.h>

void cell_entry(const void *in, void *out);

#ifdef CELL_OWN_BUFFERS
extern uint8_t cell_in[];
extern uint8_t cell_out[];
#else
static uint8_t cell_in[CELL_IN_BYTES] __attribute__((aligned(8)));
static uint8_t cell_out[CELL_OUT_BYTES] __attribute__((aligned(8)));
#endif

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int main(void)
{
    while (fread(cell_in, 1, CELL_IN_BYTES, stdin) == CELL_IN_BYTES) {
        const uint64_t begin = now_ns();
        cell_entry(cell_in, cell_out);
        const uint64_t spent = now_ns() - begin;
        if (fwrite(cell_out, 1, CELL_OUT_BYTES, stdout) != CELL_OUT_BYTES ||
            fwrite(&spent, 1, sizeof spent, stdout) != sizeof spent) {
            return 3;
        }
    }
    return fflush(stdout) == 0 ? 0 : 3;
}
