/* AVR: flash is a second address space, read with LPM; ATtiny has no multiplier. Source: AVR Instruction Set Manual. */
#include <avr/pgmspace.h>
#define CELL_ROM_DATA PROGMEM

/* LPM with post-increment, which the compiler does not form by itself from pgm_read_byte(p++). */
static inline uint8_t cell_lpm_next(const uint8_t **p)
{
    uint8_t v;
    __asm__("lpm %0, %a1+" : "=r"(v), "+z"(*p));
    return v;
}
static inline uint16_t cell_lpm_next16(const uint8_t **p)
{
    uint16_t v;
    __asm__("lpm %A0, %a1+\n\tlpm %B0, %a1+" : "=r"(v), "+z"(*p));
    return v;
}
static inline uint32_t cell_lpm_next32(const uint8_t **p)
{
    uint32_t v;
    __asm__("lpm %A0, %a1+\n\tlpm %B0, %a1+\n\tlpm %C0, %a1+\n\tlpm %D0, %a1+" : "=r"(v), "+z"(*p));
    return v;
}

static inline int8_t cell_rom_int8_t(const int8_t *p) { return (int8_t)pgm_read_byte(p); }
static inline int8_t cell_rom_next_int8_t(const int8_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const int8_t v = (int8_t)cell_lpm_next(&q);
    *p = (const int8_t *)q;
    return v;
}
static inline uint8_t cell_rom_uint8_t(const uint8_t *p) { return (uint8_t)pgm_read_byte(p); }
static inline uint8_t cell_rom_next_uint8_t(const uint8_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const uint8_t v = (uint8_t)cell_lpm_next(&q);
    *p = (const uint8_t *)q;
    return v;
}
static inline int16_t cell_rom_int16_t(const int16_t *p) { return (int16_t)pgm_read_word(p); }
static inline int16_t cell_rom_next_int16_t(const int16_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const int16_t v = (int16_t)cell_lpm_next16(&q);
    *p = (const int16_t *)q;
    return v;
}
static inline uint16_t cell_rom_uint16_t(const uint16_t *p) { return (uint16_t)pgm_read_word(p); }
static inline uint16_t cell_rom_next_uint16_t(const uint16_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const uint16_t v = (uint16_t)cell_lpm_next16(&q);
    *p = (const uint16_t *)q;
    return v;
}
static inline int32_t cell_rom_int32_t(const int32_t *p) { return (int32_t)pgm_read_dword(p); }
static inline int32_t cell_rom_next_int32_t(const int32_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const int32_t v = (int32_t)cell_lpm_next32(&q);
    *p = (const int32_t *)q;
    return v;
}
static inline uint32_t cell_rom_uint32_t(const uint32_t *p) { return (uint32_t)pgm_read_dword(p); }
static inline uint32_t cell_rom_next_uint32_t(const uint32_t **p)
{
    const uint8_t *q = (const uint8_t *)*p;
    const uint32_t v = (uint32_t)cell_lpm_next32(&q);
    *p = (const uint32_t *)q;
    return v;
}
static inline float cell_rom_float(const float *p) { return pgm_read_float(p); }
static inline float cell_rom_next_float(const float **p) { return pgm_read_float((*p)++); }

static inline int32_t cell_mul_int8_t_int8_t(int8_t x, int8_t w) { return (int32_t)x * w; }
static inline int32_t cell_mul_int8_t_int16_t(int8_t x, int16_t w) { return (int32_t)x * w; }
static inline int32_t cell_mul_int8_t_uint8_t(int8_t x, uint8_t w) { return (int32_t)x * w; }
static inline int32_t cell_mul_uint8_t_int8_t(uint8_t x, int8_t w) { return (int32_t)x * w; }
static inline int32_t cell_mul_uint8_t_int16_t(uint8_t x, int16_t w) { return (int32_t)x * w; }
static inline int32_t cell_mul_uint8_t_uint8_t(uint8_t x, uint8_t w) { return (int32_t)x * w; }
static inline int32_t cell_mul_int16_t_int8_t(int16_t x, int8_t w) { return (int32_t)x * w; }
static inline int32_t cell_mul_int16_t_int16_t(int16_t x, int16_t w) { return (int32_t)x * w; }
static inline int32_t cell_mul_int16_t_uint8_t(int16_t x, uint8_t w) { return (int32_t)x * w; }
