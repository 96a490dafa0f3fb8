/* The program around a model on a simulated board: one row in, cell_entry, one row out, for ever.
   The simulator stops at the three labels, writes cell_in, reads cell_out; CELL_IN_BYTES and CELL_OUT_BYTES come by -D. */

#include <stdint.h>

#ifdef __AVR__
#define CELL_ALIGNED /* 8-bit loads: alignment would only waste SRAM */
#else
#define CELL_ALIGNED __attribute__((aligned(8)))
#endif

/* Labels inside main, not functions: a marker costs neither cycles nor stack. */
#define CELL_MARK(name) __asm__ volatile(".global " #name "\n" #name ":\n" : : : "memory")

void cell_entry(const void *in, void *out);

/* With its own buffers a model may lay its input into its working memory. */
#ifdef CELL_OWN_BUFFERS
extern uint8_t cell_in[];
extern uint8_t cell_out[];
#else
uint8_t cell_in[CELL_IN_BYTES] CELL_ALIGNED;
uint8_t cell_out[CELL_OUT_BYTES] CELL_ALIGNED;
#endif

int main(void)
{
    for (;;) {
        CELL_MARK(cell_mark_ready);
        CELL_MARK(cell_mark_start);
        cell_entry(cell_in, cell_out);
        CELL_MARK(cell_mark_stop);
    }
}
