/* Runs one linked program on simavr and prints cycles per inference, peak stack and answers as JSON.
 *
 * The program under test loops for ever: GPIOR0 = 1 asks for the next input row, GPIOR1 = its answer, GPIOR0 = 2 ends
 * the inference. Rows are copied into its buffer `x` between inferences, so that only the inference itself is timed.
 *
 * usage: runner ELF MCU X_ADDRESS END_ADDRESS ROWS_FILE ROW_COUNT ROW_BYTES CYCLE_BUDGET
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <simavr/sim_io.h>

enum { PAINT = 0xC5, ASK = 1, ANSWERED = 2, MIN_ROWS = 3 };
#define HANG_CYCLES 60000000ull

typedef struct {
    const uint8_t *rows;
    int row_count, row_bytes, x_address, answer_address;
    uint64_t budget, started;
    int current, finished; /* index of the row under way (-1 before the first), whether all is done */
    uint64_t *cycles;
    uint8_t *answers;
} bench_t;

static void on_mark(struct avr_t *avr, avr_io_addr_t address, uint8_t value, void *param)
{
    bench_t *bench = param;
    avr->data[address] = value;
    if (value == ASK) {
        bench->current++;
        const int spent = bench->current >= MIN_ROWS && avr->cycle > bench->budget;
        if (bench->current >= bench->row_count || spent) {
            bench->finished = 1;
            return;
        }
        memcpy(avr->data + bench->x_address, bench->rows + (size_t)bench->current * bench->row_bytes,
               bench->row_bytes);
        bench->started = avr->cycle;
    } else if (value == ANSWERED && bench->current >= 0) {
        bench->cycles[bench->current] = avr->cycle - bench->started;
        bench->answers[bench->current] = avr->data[bench->answer_address];
    }
}

static int fail(const char *what)
{
    printf("{\"error\":\"%s\"}\n", what);
    return 1;
}

static uint8_t *read_rows(const char *path, size_t bytes)
{
    uint8_t *rows = malloc(bytes + 1);
    FILE *file = fopen(path, "rb");
    const int good = rows && file && fread(rows, 1, bytes, file) == bytes;
    if (file)
        fclose(file);
    return good ? rows : NULL;
}

static void print_result(const bench_t *bench, int state, int stack, int free_bytes)
{
    const int count = bench->current < 0 ? 0 : bench->current;
    uint64_t sum = 0, max = 0;
    for (int i = 0; i < count; i++) {
        sum += bench->cycles[i];
        max = bench->cycles[i] > max ? bench->cycles[i] : max;
    }
    printf("{\"finished\":%d,\"state\":%d,\"rows\":%d,\"mean\":%.1f,\"max\":%llu,\"stack\":%d,\"free\":%d,\"answers\":[",
           bench->finished, state, count, count ? (double)sum / count : 0.0, (unsigned long long)max, stack, free_bytes);
    for (int i = 0; i < count; i++)
        printf("%s%d", i ? "," : "", bench->answers[i]);
    puts("]}");
}

int main(int argc, char **argv)
{
    if (argc != 9)
        return fail("usage");
    elf_firmware_t firmware;
    memset(&firmware, 0, sizeof firmware);
    if (elf_read_firmware(argv[1], &firmware))
        return fail("cannot read the ELF");
    avr_t *avr = avr_make_mcu_by_name(argv[2]);
    if (!avr)
        return fail("unknown chip");
    const int tiny = strncmp(argv[2], "attiny", 6) == 0;
    const int end = atoi(argv[4]);
    bench_t bench = {.row_count = atoi(argv[6]), .row_bytes = atoi(argv[7]), .x_address = atoi(argv[3]),
                     .answer_address = tiny ? 0x32 : 0x4A, .budget = strtoull(argv[8], NULL, 10), .current = -1};
    bench.rows = read_rows(argv[5], (size_t)bench.row_count * bench.row_bytes);
    bench.cycles = calloc(bench.row_count + 1, sizeof *bench.cycles);
    bench.answers = calloc(bench.row_count + 1, 1);
    if (!bench.rows || !bench.cycles || !bench.answers)
        return fail("cannot read the rows");

    firmware.frequency = 8000000;
    avr_init(avr);
    avr->log = 0;
    avr_load_firmware(avr, &firmware);
    avr_register_io_write(avr, tiny ? 0x31 : 0x3E, on_mark, &bench);
    for (int i = end; i <= avr->ramend; i++)
        avr->data[i] = PAINT;

    int state = cpu_Running;
    const uint64_t limit = bench.budget * 3 + HANG_CYCLES;
    while (!bench.finished && state != cpu_Done && state != cpu_Crashed && avr->cycle < limit)
        state = avr_run(avr);
    int lowest = end;
    while (lowest <= avr->ramend && avr->data[lowest] == PAINT)
        lowest++;
    print_result(&bench, state, avr->ramend + 1 - lowest, avr->ramend + 1 - end);
    return 0;
}
