/* The program around a model on an emulated board: reads rows of CELL_IN_BYTES from the file `rows`, calls cell_entry between two
   labels that the counting plugin watches, and writes CELL_OUT_BYTES, the bytes of stack used and SP (uint32_t) to `outputs`.
   Source of the services: ARM "Semihosting for AArch32 and AArch64", 2.0; RISC-V uses the same numbers. */

#include <stdint.h>

#define CELL_MARK(name) __asm__ volatile(".global " #name "\n" #name ":\n" : : : "memory")
/* The harness must not use the stack below the model's caller while the paint is fresh. */
#define CELL_INLINED static inline __attribute__((always_inline))
#define CELL_PAINT 0xc5c5c5c5u
/* Looking through megabytes after every row would take longer than the model: what is deeper, the plugin measures. */
#define CELL_PAINT_BYTES 131072u

enum { SYS_OPEN = 1, SYS_WRITE = 5, SYS_READ = 6, SYS_EXIT_EXTENDED = 0x20 };
enum { MODE_READ = 1, MODE_WRITE = 5 };
#define APPLICATION_EXIT 0x20026u

void cell_entry(const void *in, void *out);
int32_t cell_semihost(uint32_t operation, const void *argument);
void cell_fault_report(uint32_t pc, uint32_t cause, uint32_t status, uint32_t address);
extern uint32_t cell_free_start[];

#ifdef CELL_OWN_BUFFERS
extern uint8_t cell_in[];
extern uint8_t cell_out[];
#else
uint8_t cell_in[CELL_IN_BYTES] __attribute__((aligned(8)));
uint8_t cell_out[CELL_OUT_BYTES] __attribute__((aligned(8)));
#endif

CELL_INLINED int32_t cell_open(const char *name, uint32_t length, uint32_t mode)
{
    const uint32_t block[3] = {(uint32_t)(uintptr_t)name, mode, length};
    return cell_semihost(SYS_OPEN, block);
}

/* Both return the number of bytes NOT transferred. */
CELL_INLINED int32_t cell_transfer(uint32_t operation, int32_t file, const void *data, uint32_t bytes)
{
    const uint32_t block[3] = {(uint32_t)file, (uint32_t)(uintptr_t)data, bytes};
    return cell_semihost(operation, block);
}

CELL_INLINED __attribute__((noreturn)) void cell_exit(uint32_t code)
{
    const uint32_t block[2] = {APPLICATION_EXIT, code};
    for (;;)
        cell_semihost(SYS_EXIT_EXTENDED, block);
}

CELL_INLINED uint32_t *cell_stack_pointer(void)
{
    uint32_t *p;
#if defined(__riscv)
    __asm__ volatile("mv %0, sp" : "=r"(p));
#else
    __asm__ volatile("mov %0, sp" : "=r"(p));
#endif
    return p;
}

int main(void)
{
    const int32_t rows = cell_open("rows", 4, MODE_READ);
    const int32_t outputs = cell_open("outputs", 7, MODE_WRITE);
    uint32_t *const top = cell_stack_pointer();
    const uintptr_t room = (uintptr_t)top - (uintptr_t)cell_free_start;
    uint32_t *const bottom = room > CELL_PAINT_BYTES ? top - CELL_PAINT_BYTES / sizeof *top : cell_free_start;
    uint32_t *low = bottom;
    while (cell_transfer(SYS_READ, rows, cell_in, CELL_IN_BYTES) == 0) {
        /* what lies below `low` still has its paint */
        for (; low < top; low++)
            *low = CELL_PAINT;
        CELL_MARK(cell_mark_ready);
        CELL_MARK(cell_mark_start);
        cell_entry(cell_in, cell_out);
        CELL_MARK(cell_mark_stop);
        for (low = bottom; low < top && *low == CELL_PAINT; low++) {
        }
        const uint32_t stack[2] = {(uint32_t)((uintptr_t)top - (uintptr_t)low), (uint32_t)(uintptr_t)top};
        if (cell_transfer(SYS_WRITE, outputs, cell_out, CELL_OUT_BYTES) != 0 || cell_transfer(SYS_WRITE, outputs, stack, sizeof stack) != 0)
            cell_exit(3);
    }
    CELL_MARK(cell_mark_end);
    cell_exit(0);
}

/* Called by the start-up code's fault handler on a fresh stack. */
void cell_fault_report(uint32_t pc, uint32_t cause, uint32_t status, uint32_t address)
{
    const uint32_t words[4] = {pc, cause, status, address};
    const int32_t file = cell_open("fault", 5, MODE_WRITE);
    cell_transfer(SYS_WRITE, file, words, sizeof words);
    cell_exit(4);
}
