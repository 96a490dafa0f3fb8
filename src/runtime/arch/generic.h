/* Any CPU with one address space: flash is read like RAM, the compiler multiplies. */
#define CELL_ROM_DATA
#define CELL_ROM_VIEW(type, name, p) const type *const name = (p)
CELL_INLINE int8_t cell_rom_int8_t(const int8_t *p) { return *p; }
CELL_INLINE int8_t cell_rom_next_int8_t(const int8_t **p) { return *(*p)++; }
CELL_INLINE uint8_t cell_rom_uint8_t(const uint8_t *p) { return *p; }
CELL_INLINE uint8_t cell_rom_next_uint8_t(const uint8_t **p) { return *(*p)++; }
CELL_INLINE int16_t cell_rom_int16_t(const int16_t *p) { return *p; }
CELL_INLINE int16_t cell_rom_next_int16_t(const int16_t **p) { return *(*p)++; }
CELL_INLINE uint16_t cell_rom_uint16_t(const uint16_t *p) { return *p; }
CELL_INLINE uint16_t cell_rom_next_uint16_t(const uint16_t **p) { return *(*p)++; }
CELL_INLINE int32_t cell_rom_int32_t(const int32_t *p) { return *p; }
CELL_INLINE int32_t cell_rom_next_int32_t(const int32_t **p) { return *(*p)++; }
CELL_INLINE uint32_t cell_rom_uint32_t(const uint32_t *p) { return *p; }
CELL_INLINE uint32_t cell_rom_next_uint32_t(const uint32_t **p) { return *(*p)++; }
CELL_INLINE float cell_rom_float(const float *p) { return *p; }
CELL_INLINE float cell_rom_next_float(const float **p) { return *(*p)++; }
/* [mul] Products of an input and a weight as int32_t. */
CELL_INLINE int32_t cell_mul_int8_t_int8_t(int8_t x, int8_t w) { return (int32_t)x * w; }
CELL_INLINE int32_t cell_mul_int8_t_int16_t(int8_t x, int16_t w) { return (int32_t)x * w; }
CELL_INLINE int32_t cell_mul_int8_t_uint8_t(int8_t x, uint8_t w) { return (int32_t)x * w; }
CELL_INLINE int32_t cell_mul_uint8_t_int8_t(uint8_t x, int8_t w) { return (int32_t)x * w; }
CELL_INLINE int32_t cell_mul_uint8_t_int16_t(uint8_t x, int16_t w) { return (int32_t)x * w; }
CELL_INLINE int32_t cell_mul_uint8_t_uint8_t(uint8_t x, uint8_t w) { return (int32_t)x * w; }
CELL_INLINE int32_t cell_mul_int16_t_int8_t(int16_t x, int8_t w) { return (int32_t)x * w; }
CELL_INLINE int32_t cell_mul_int16_t_int16_t(int16_t x, int16_t w) { return (int32_t)x * w; }
CELL_INLINE int32_t cell_mul_int16_t_uint8_t(int16_t x, uint8_t w) { return (int32_t)x * w; }
/* [distance] sum + the squared differences of n inputs and n elements in flash; 16-bit differences lose `narrow` bits first. */
#define CELL_DISTANCE_(T, U, P)                                                                                           \
    CELL_INLINE uint32_t cell_distance_##T(uint32_t sum, const T *x, const T *w, uint16_t n, uint8_t narrow)             \
    {                                                                                                                     \
        for (; n > 0; n--, x++, w++) {                                                                                    \
            const U d = (U)((U)(*x > *w ? (U)*x - (U)*w : (U)*w - (U)*x) >> narrow);                                       \
            sum += (P)((P)d * d);                                                                                         \
        }                                                                                                                 \
        return sum;                                                                                                       \
    }
CELL_DISTANCE_(int8_t, uint8_t, uint16_t)
CELL_DISTANCE_(uint8_t, uint8_t, uint16_t)
CELL_DISTANCE_(int16_t, uint16_t, uint32_t)
/* [end] */
