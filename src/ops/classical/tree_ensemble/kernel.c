/* Walks a byte stream of trees (its grammar stands in encode.ts); adds up leaf values. Integer compares only, also for float inputs. */
#include "params.generated.h"

static inline uint16_t cell_tree_u16(const uint8_t **q)
{
    const uint8_t lo = CELL_ROM_NEXT(uint8_t, *q);
    return (uint16_t)(lo | (uint16_t)(CELL_ROM_NEXT(uint8_t, *q) << 8));
}

static inline int32_t cell_tree_i32(const uint8_t **q)
{
    const uint16_t lo = cell_tree_u16(q);
    return (int32_t)(lo | (uint32_t)cell_tree_u16(q) << 16);
}

static inline int32_t cell_tree_value(const cell_tree_ensemble_params *p, const uint8_t **q)
{
    if (p->value_bytes == 4) return cell_tree_i32(q);
    return p->is_signed ? (int32_t)(int16_t)cell_tree_u16(q) : (int32_t)cell_tree_u16(q);
}

/* Adds the leaf whose first byte is `head`. */
static inline void cell_tree_leaf(const cell_tree_ensemble_params *p, uint8_t head, const uint8_t *q, uint8_t target, Y_T *y)
{
    uint8_t n = head & 0x7f;
    if (p->leaf == 0) {
        int16_t v = n;
        if (p->is_signed)
            v = (int8_t)(uint8_t)(head << 1) >> 1;
        y[target] = (Y_T)(y[target] + (Y_T)v);
    } else if (p->leaf == 1) {
        y[target] = (Y_T)(y[target] + (Y_T)cell_tree_value(p, &q));
    } else if (p->leaf == 2) {
        y[target] = (Y_T)(y[target] + (Y_T)CELL_ROM(TABLE_T, p->table + n));
    } else if (head & 0x40) {
        Y_T *k = y + (head & 0x3f);
        *k = (Y_T)(*k + (Y_T)p->one);
    } else {
        for (; n != 0; n--) {
            if (p->class_bits != 0) {
                const uint16_t pair = cell_tree_u16(&q);
                Y_T *k = y + (pair >> (16 - p->class_bits));
                *k = (Y_T)(*k + (Y_T)(pair & (uint16_t)((1U << (16 - p->class_bits)) - 1U)));
            } else {
                Y_T *k = y + CELL_ROM_NEXT(uint8_t, q);
                *k = (Y_T)(*k + (Y_T)cell_tree_value(p, &q));
            }
        }
    }
}

static void cell_tree_ensemble(const cell_tree_ensemble_params *p, const X_T *x, Y_T *y)
{
    const uint8_t *q = p->nodes;
    for (OUTPUTS_T k = 0; k < p->outputs; k++)
        y[k] = (Y_T)CELL_ROM(START_T, p->start + k);
    for (TREES_T t = 0; t < p->trees; t++) {
        const uint16_t length = cell_tree_u16(&q);
        const uint8_t *next = q + length;
        const uint8_t target = p->outputs == 1 || p->leaf == 3 ? 0 : CELL_ROM(uint8_t, p->target + t);
        for (;;) {
            const uint8_t head = CELL_ROM_NEXT(uint8_t, q);
            uint16_t feature = head;
            uint16_t skip;
            uint8_t goes_left;
            if (head & 0x80) {
                cell_tree_leaf(p, head, q, target, y);
                break;
            }
            if (p->wide)
                feature = (uint16_t)(feature << 8 | CELL_ROM_NEXT(uint8_t, q));
            if (sizeof(X_T) == 1)
                goes_left = CELL_LE(X_T, x[feature], CELL_ROM_NEXT(uint8_t, q));
            else if (sizeof(X_T) == 2)
                goes_left = cell_le_int16_t((int16_t)x[feature], cell_tree_u16(&q));
            else
                goes_left = cell_le_float((float)x[feature], cell_tree_i32(&q));
            skip = p->skip_bytes == 1 ? CELL_ROM_NEXT(uint8_t, q) : cell_tree_u16(&q);
            if (!goes_left)
                q += skip;
        }
        q = next;
    }
}
