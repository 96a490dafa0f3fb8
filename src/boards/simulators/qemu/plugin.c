/* The counting plugin: watches a program between the harness's labels and writes down, per row, how many instructions ran and what
   they cost by a table, and the lowest address used above static data (the end of the stack); per instruction address, how often it ran and how often it branched away. It ends the run at the first
   thing the chip would do wrong in silence: an access outside its memories, a jump out of its program, a row without end.

   Arguments: start, stop, end (addresses of the labels), fault (the fault handler's), flash, flashend, ram, ramend, free
   (first address above static data), limit (instructions per row), align (1: misaligned accesses are errors), costs (file of `pc cycles extra-when-taken`), out (file).

   Debian ships no qemu-plugin.h: the declarations are ours, after the interface's version 1 (QEMU 6 and later). */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { NO_REGISTERS = 0, INLINE_ADD_U64 = 0, READ_AND_WRITE = 3 };

typedef void on_translate(plugin_id, struct qemu_plugin_tb *);
typedef void on_execute(unsigned cpu, void *user);
typedef void on_memory(unsigned cpu, uint32_t info, uint64_t address, void *user);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, on_translate *);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, on_execute *, int flags, void *user);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, on_execute *, int flags, void *user);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int op, void *target, uint64_t value);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, on_memory *, int flags, int rw, void *user);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t index);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
unsigned qemu_plugin_mem_size_shift(uint32_t info);
bool qemu_plugin_mem_is_store(uint32_t info);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

/* One instruction address. `count` and `taken` are of the present row. */
typedef struct Place {
    uint64_t pc, count, taken, all, all_taken;
    uint32_t size, cost, extra;
    struct Place *next;
} Place;

typedef struct {
    Place *first, *last;
    int64_t length;
} Block;

enum { BUCKETS = 1 << 14 };
static Place *table[BUCKETS];
static Place **places;
static size_t place_count, place_room;

static uint64_t start_pc, stop_pc, end_pc, fault_pc, flash, flash_end, ram, ram_end, free_start, lowest;
/* Instructions a row may take, and what the harness may take around one. */
static int64_t limit = INT64_MAX;
enum { BETWEEN = 100000000 };
static int64_t budget = BETWEEN;
static bool align, active;
static const Block *previous, *earlier;
static FILE *out;

static Place *find(uint64_t pc)
{
    Place **link = &table[(pc >> 1) % BUCKETS];
    for (; *link != NULL; link = &(*link)->next)
        if ((*link)->pc == pc)
            return *link;
    Place *const made = calloc(1, sizeof *made);
    if (place_count == place_room) {
        place_room = place_room * 2 + 1024;
        places = realloc(places, place_room * sizeof *places);
    }
    made->pc = pc;
    made->cost = 1;
    places[place_count++] = *link = made;
    return made;
}

/* Ends the emulator at once: nothing it could still do is of interest. */
static void trap(const char *kind, uint64_t pc, uint64_t address, unsigned bytes)
{
    fprintf(out, "trap %s %llu %llu %u\n", kind, (unsigned long long)pc, (unsigned long long)address, bytes);
    fclose(out);
    _exit(9);
}

static void on_block(unsigned cpu, void *user)
{
    const Block *const block = user;
    (void)cpu;
    /* between the rows, too: a program whose start-up code or fault handler hangs must come to an end */
    budget -= block->length;
    if (budget < 0)
        trap("limit", block->first->pc, 0, 0);
    if (!active)
        return;
    if (previous != NULL && block->first->pc != previous->last->pc + previous->last->size)
        previous->last->taken++;
    earlier = previous;
    previous = block;
}

static void on_access(unsigned cpu, uint32_t info, uint64_t address, void *user)
{
    const Place *const place = user;
    const bool store = qemu_plugin_mem_is_store(info);
    const uint64_t bytes = (uint64_t)1 << qemu_plugin_mem_size_shift(info);
    (void)cpu;
    if (!active)
        return;
    if (align && (address & (bytes - 1)) != 0)
        trap("misaligned", place->pc, address, (unsigned)bytes);
    if (address >= ram && address + bytes <= ram_end) {
        if (address >= free_start && address < lowest)
            lowest = address;
        return;
    }
    if (!store && address >= flash && address + bytes <= flash_end)
        return;
    trap(store ? "write" : "read", place->pc, address, (unsigned)bytes);
}

/* The instruction at the start label belongs to the row; it has no counter of its own, so that the order does not matter. */
static void on_start(unsigned cpu, void *user)
{
    const Block *const block = user;
    (void)cpu;
    for (size_t i = 0; i < place_count; i++)
        places[i]->count = places[i]->taken = 0;
    find(start_pc)->count = 1;
    previous = block;
    budget = limit;
    lowest = ram_end;
    active = true;
}

static void on_stop(unsigned cpu, void *user)
{
    uint64_t instructions = 0, cycles = 0;
    (void)cpu;
    (void)user;
    active = false;
    budget = BETWEEN;
    for (size_t i = 0; i < place_count; i++) {
        Place *const p = places[i];
        if (p->count == 0)
            continue;
        instructions += p->count;
        cycles += p->count * p->cost + p->taken * p->extra;
        p->all += p->count;
        p->all_taken += p->taken;
    }
    fprintf(out, "row %llu %llu %llu\n", (unsigned long long)instructions, (unsigned long long)cycles, (unsigned long long)lowest);
}

static void on_end(unsigned cpu, void *user)
{
    (void)cpu;
    (void)user;
    for (size_t i = 0; i < place_count; i++) {
        const Place *const p = places[i];
        if (p->all > 0)
            fprintf(out, "pc %llu %llu %llu\n", (unsigned long long)p->pc, (unsigned long long)p->all, (unsigned long long)p->all_taken);
    }
    fputs("end\n", out);
    fflush(out);
}

static void on_fault(unsigned cpu, void *user)
{
    (void)cpu;
    (void)user;
    /* the present block is the handler itself */
    if (active && earlier != NULL)
        fprintf(out, "from %llu\n", (unsigned long long)earlier->last->pc);
    active = false;
    budget = BETWEEN;
    fflush(out);
}

static void watch(struct qemu_plugin_insn *insn, Place *place, Block *block)
{
    const uint64_t pc = place->pc;
    if (pc == start_pc) {
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_start, NO_REGISTERS, block);
        return;
    }
    if (pc == stop_pc)
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_stop, NO_REGISTERS, NULL);
    else if (pc == end_pc)
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, NO_REGISTERS, NULL);
    else if (pc == fault_pc)
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_fault, NO_REGISTERS, NULL);
    else {
        qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &place->count, 1);
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, NO_REGISTERS, READ_AND_WRITE, place);
    }
}

static void on_tb(plugin_id id, struct qemu_plugin_tb *tb)
{
    const size_t n = qemu_plugin_tb_n_insns(tb);
    Block *const block = calloc(1, sizeof *block);
    (void)id;
    block->length = (int64_t)n;
    for (size_t i = 0; i < n; i++) {
        struct qemu_plugin_insn *const insn = qemu_plugin_tb_get_insn(tb, i);
        Place *const place = find(qemu_plugin_insn_vaddr(insn));
        place->size = (uint32_t)qemu_plugin_insn_size(insn);
        /* code is translated when it is about to run */
        if (active && (place->pc < flash || place->pc >= flash_end))
            trap("jump", previous != NULL ? previous->last->pc : 0, place->pc, 0);
        if (i == 0)
            block->first = place;
        block->last = place;
        watch(insn, place, block);
    }
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, NO_REGISTERS, block);
}

static bool read_costs(const char *path)
{
    FILE *const file = fopen(path, "r");
    unsigned long long pc;
    unsigned cost, extra;
    if (file == NULL)
        return false;
    while (fscanf(file, "%llu %u %u", &pc, &cost, &extra) == 3) {
        Place *const place = find(pc);
        place->cost = cost;
        place->extra = extra;
    }
    fclose(file);
    return true;
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    static const struct {
        const char *name;
        uint64_t *value;
    } numbers[] = {{"start", &start_pc}, {"stop", &stop_pc}, {"end", &end_pc}, {"fault", &fault_pc}, {"flash", &flash},
                   {"flashend", &flash_end}, {"ram", &ram}, {"ramend", &ram_end}, {"free", &free_start}};
    (void)info;
    for (int i = 0; i < argc; i++) {
        char *const value = strchr(argv[i], '=');
        if (value == NULL)
            return -1;
        *value = 0;
        if (strcmp(argv[i], "out") == 0)
            out = fopen(value + 1, "w");
        else if (strcmp(argv[i], "costs") == 0 && !read_costs(value + 1))
            return -1;
        else if (strcmp(argv[i], "limit") == 0)
            limit = (int64_t)strtoull(value + 1, NULL, 10);
        else if (strcmp(argv[i], "align") == 0)
            align = value[1] == '1';
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            if (strcmp(argv[i], numbers[k].name) == 0)
                *numbers[k].value = strtoull(value + 1, NULL, 10);
    }
    if (out == NULL)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_tb);
    return 0;
}
