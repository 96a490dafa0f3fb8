/* [rows] The head of a network row by row. A line holds the few rows of a tensor that some step still reads, oldest first and one after the
 * other; a step makes one row from a window of rows. Line 0 is the input. The tables are made by coincell, which went through the same schedule
 * to find out how much room every line needs and which bytes two of them may share. */
typedef struct {
    /* Of the line that the window moves over: its place in memory, bytes of a row, rows in all. */
    uint32_t place;
    uint16_t bytes;
    uint16_t total;
    uint8_t line;
    /* Rows it spans and moves on by; where the first one begins. */
    uint8_t window;
    uint8_t stride;
    uint8_t first;
} cell_rows_window;

typedef struct {
    /* Makes a row: pointers to the windows of its operands, then to the row. */
    void (*make)(uint8_t *const *rows);
    uint32_t place;
    uint16_t bytes;
    /* Rows there is room for, and that one call makes; rows above the image, with its own, with those below it. */
    uint16_t room;
    uint16_t each;
    uint16_t above;
    uint16_t inside;
    uint16_t total;
    /* 0: every call makes a row. Else only the call that ends at this row of the operand does. */
    uint16_t whole;
    uint8_t fill;
    /* The last line made from this one. */
    uint8_t reader;
    uint8_t operands;
    uint8_t windows[2];
    /* Windows that move over this line. */
    uint8_t readers;
    uint8_t first_reader;
} cell_rows_line;

/* Rows made so far, those above the image included; how many of them are still held. */
typedef struct {
    uint16_t made;
    uint16_t held;
} cell_rows_count;

typedef struct {
    const cell_rows_line *lines;
    const cell_rows_window *windows;
    cell_rows_count *counts;
    /* By window: the row where it begins. */
    uint16_t *next;
    uint8_t steps;
} cell_rows;

/* Line k gets what the next call of its step makes, if operands and room allow. Gives the line to look at next. */
CELL_INLINE uint8_t cell_rows_make(const cell_rows *p, uint8_t *memory, uint8_t k)
{
    CELL_ROM_VIEW(cell_rows_line, line, p->lines + k);
    cell_rows_count *const y = p->counts + k;
    const uint8_t before = (uint8_t)(k - 1);
    uint8_t *rows[3];
    if (y->held + line->each > line->room || y->made >= line->inside)
        return before;
    for (uint8_t i = 0; i < line->operands; i++) {
        CELL_ROM_VIEW(cell_rows_window, x, p->windows + line->windows[i]);
        const cell_rows_count *const from = p->counts + x->line;
        const uint16_t next = p->next[line->windows[i]];
        if (next + x->window > from->made)
            return before;
        rows[i] = memory + x->place + (size_t)(next - (from->made - from->held)) * x->bytes;
    }
    rows[line->operands] = memory + line->place + (size_t)y->held * line->bytes;
    line->make(rows);
    uint16_t made = (uint16_t)(line->inside - y->made);
    uint8_t last = made <= line->each;
    for (uint8_t i = 0; i < line->operands; i++) {
        CELL_ROM_VIEW(cell_rows_window, x, p->windows + line->windows[i]);
        uint16_t *const next = p->next + line->windows[i];
        *next = (uint16_t)(*next + x->stride);
        if (line->whole > 0)
            last = *next == line->whole;
        if (last)
            *next = x->total;
    }
    if (line->whole > 0 && !last)
        return line->reader;
    if (made > line->each)
        made = line->each;
    y->made = (uint16_t)(y->made + made);
    y->held = (uint16_t)(y->held + made);
    return line->reader;
}

/* Drops rows of line k that no window needs any more, and adds those below the image; 0 where there was nothing to do. */
CELL_INLINE uint8_t cell_rows_tidy(const cell_rows *p, uint8_t *memory, uint8_t k)
{
    CELL_ROM_VIEW(cell_rows_line, line, p->lines + k);
    cell_rows_count *const y = p->counts + k;
    uint16_t needed = 65535;
    uint8_t some = 0;
    for (uint8_t i = 0; i < line->readers; i++) {
        if (p->next[line->first_reader + i] < needed)
            needed = p->next[line->first_reader + i];
    }
    uint16_t gone = (uint16_t)(needed - (y->made - y->held));
    if (gone > y->held)
        gone = y->held;
    if (line->readers > 0 && gone > 0) {
        uint8_t *const place = memory + line->place;
        y->held = (uint16_t)(y->held - gone);
        memmove(place, place + (size_t)gone * line->bytes, (size_t)y->held * line->bytes);
        some = 1;
    }
    for (; y->made >= line->inside && y->made < line->total && y->held < line->room; some = 1) {
        memset(memory + line->place + (size_t)y->held * line->bytes, line->fill, line->bytes);
        y->made++;
        y->held++;
    }
    return some;
}

/* Takes the row that was put into line 0, and makes all that can be made now: the line farthest from the input first, so that rows are held
 * as briefly as can be. Gives 1 once all rows are made. */
CELL_INLINE uint8_t cell_rows_take(const cell_rows *p, uint8_t *memory)
{
    CELL_ROM_VIEW(cell_rows_line, input, p->lines);
    uint8_t some;
    p->counts->made++;
    p->counts->held++;
    do {
        for (uint8_t k = p->steps; k > 0;)
            k = cell_rows_make(p, memory, k);
        some = 0;
        for (uint8_t k = (uint8_t)(p->steps + 1); k > 0; k--)
            some |= cell_rows_tidy(p, memory, (uint8_t)(k - 1));
    } while (some);
    if (p->counts->made < input->inside)
        return 0;
    p->counts->made = 0;
    return 1;
}

/* Where the next row of the input goes; before the first one all lines are made ready. */
CELL_INLINE uint8_t *cell_rows_place(const cell_rows *p, uint8_t *memory)
{
    if (p->counts->made == 0) {
        for (uint8_t k = 0; k <= p->steps; k++) {
            CELL_ROM_VIEW(cell_rows_line, line, p->lines + k);
            p->counts[k].made = p->counts[k].held = line->above;
            memset(memory + line->place, line->fill, (size_t)line->above * line->bytes);
            for (uint8_t i = 0; i < line->readers; i++) {
                CELL_ROM_VIEW(cell_rows_window, x, p->windows + line->first_reader + i);
                p->next[line->first_reader + i] = x->first;
            }
        }
    }
    CELL_ROM_VIEW(cell_rows_line, input, p->lines);
    return memory + input->place + (size_t)p->counts->held * input->bytes;
}

/* [end] */
