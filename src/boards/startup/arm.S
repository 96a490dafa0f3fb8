/* Start-up of a Cortex-M without interrupts: vectors, FPU on, .data copied, .bss cleared, main. Thumb-1 only, but for the barriers,
   so that one file serves M0 to M55. Source: ARMv6-M, ARMv7-M and ARMv8-M Architecture Reference Manuals (vector table, CPACR).
   Symbols from the linker script: cell_stack_top, cell_data_load, cell_data_start, cell_data_end, cell_bss_end, cell_ram_start. */

        .syntax unified
        .thumb

        .section .vectors, "a", %progbits
        .global cell_vectors
        .type   cell_vectors, %object
cell_vectors:
        .word   cell_stack_top
        .word   cell_reset
        .rept   14
        .word   cell_fault
        .endr
        .size   cell_vectors, . - cell_vectors

        .section .text.cell_reset, "ax", %progbits
        .global cell_reset
        .type   cell_reset, %function
        .thumb_func
cell_reset:
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
        ldr     r0, =0xe000ed88         /* CPACR: full access to CP10 and CP11, before any vector instruction */
        ldr     r1, [r0]
        ldr     r2, =0x00f00000
        orrs    r1, r2
        str     r1, [r0]
        dsb
        isb
#endif
        ldr     r0, =cell_data_load
        ldr     r1, =cell_data_start
        ldr     r2, =cell_data_end
        b       2f
1:      ldr     r3, [r0]
        str     r3, [r1]
        adds    r0, #4
        adds    r1, #4
2:      cmp     r1, r2
        blo     1b
        ldr     r2, =cell_bss_end
        movs    r3, #0
        b       4f
3:      str     r3, [r1]
        adds    r1, #4
4:      cmp     r1, r2
        blo     3b
        bl      main
5:      b       5b
        .size   cell_reset, . - cell_reset

/* Any exception: cell_fault_report(pc, exception number, fault status, fault address) on a fresh stack. */
        .section .text.cell_fault, "ax", %progbits
        .global cell_fault
        .type   cell_fault, %function
        .thumb_func
cell_fault:
        mrs     r4, msp
        ldr     r5, =cell_stack_top
        msr     msp, r5
        movs    r0, #0
        ldr     r6, =cell_ram_start     /* the frame can be read only where it lies in RAM */
        cmp     r4, r6
        blo     1f
        subs    r5, #32
        cmp     r4, r5
        bhi     1f
        ldr     r0, [r4, #24]
1:      mrs     r1, ipsr
        movs    r2, #0
        movs    r3, #0
#if __ARM_ARCH >= 7 && !defined(__ARM_ARCH_8M_BASE__)
        ldr     r4, =0xe000ed28         /* CFSR, and BFAR 16 bytes behind it */
        ldr     r2, [r4]
        ldr     r3, [r4, #16]
#endif
        bl      cell_fault_report
2:      b       2b
        .size   cell_fault, . - cell_fault

        .section .text.cell_fault_report, "ax", %progbits
        .weak   cell_fault_report
        .type   cell_fault_report, %function
        .thumb_func
cell_fault_report:
        b       cell_fault_report
        .size   cell_fault_report, . - cell_fault_report

/* int32_t cell_semihost(uint32_t operation, const void *argument): asks the simulator for a service. */
        .section .text.cell_semihost, "ax", %progbits
        .global cell_semihost
        .type   cell_semihost, %function
        .thumb_func
cell_semihost:
        bkpt    0xab
        bx      lr
        .size   cell_semihost, . - cell_semihost
