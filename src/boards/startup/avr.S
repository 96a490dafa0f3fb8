/* Start-up of an AVR without interrupts: r1 = 0, SREG = 0, SP = CELL_RAM_END (by -D), then main; it runs from address 0.
   Source: AVR ABI (r1 is zero) and the chip's data sheet (RAMEND). There is no vector table: only reset can happen.
   Copying .data and clearing .bss is libgcc's .init4, which the linker pulls in only where the program has any. */

        .section .vectors, "ax", @progbits
        .global __vectors
__vectors:
        eor     r1, r1
        out     0x3f, r1
        ldi     r28, lo8(CELL_RAM_END)
        ldi     r29, hi8(CELL_RAM_END)
        out     0x3e, r29               /* SPH first, as the compiler does: SP is whole once SPL is written */
        out     0x3d, r28

        .section .init9, "ax", @progbits
#ifdef __AVR_HAVE_JMP_CALL__
        jmp     main
#else
        rjmp    main
#endif
