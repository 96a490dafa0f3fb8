/* Stands in for the C library's header where none is installed: a program that really calls one of these needs its libm. */
#ifndef CELL_MATH_H
#define CELL_MATH_H
#define NAN __builtin_nanf("")
#define INFINITY __builtin_inff()
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)
float fabsf(float x);
float sqrtf(float x);
float expf(float x);
float logf(float x);
float tanhf(float x);
float powf(float x, float y);
float floorf(float x);
float ceilf(float x);
float roundf(float x);
float rintf(float x);
long lrintf(float x);
float fminf(float x, float y);
float fmaxf(float x, float y);
#endif
