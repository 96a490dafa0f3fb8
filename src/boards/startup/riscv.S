/* Start-up of an RV32IMC without interrupts: gp, tp, sp, the trap vector, .data copied, .bss cleared, main.
   Source: RISC-V psABI (gp, tp), Privileged Architecture (mtvec, mepc, mcause, mtval), RISC-V Semihosting 0.4 (the three words). */

        .option arch, +zicsr

        .section .vectors, "ax", @progbits
        .global cell_reset
        .type   cell_reset, @function
cell_reset:
        .option push
        .option norelax
        la      gp, __global_pointer$
        .option pop
        la      sp, cell_stack_top
        la      tp, cell_tls_start
        la      t0, cell_fault
        csrw    mtvec, t0
        la      a0, cell_data_load
        la      a1, cell_data_start
        la      a2, cell_data_end
        j       2f
1:      lw      a3, 0(a0)
        sw      a3, 0(a1)
        addi    a0, a0, 4
        addi    a1, a1, 4
2:      bltu    a1, a2, 1b
        la      a2, cell_bss_end
        j       4f
3:      sw      zero, 0(a1)
        addi    a1, a1, 4
4:      bltu    a1, a2, 3b
        call    main
5:      j       5b
        .size   cell_reset, . - cell_reset

/* Any trap: cell_fault_report(pc, cause, 0, address) on a fresh stack. */
        .section .text.cell_fault, "ax", @progbits
        .global cell_fault
        .type   cell_fault, @function
        .balign 4
cell_fault:
        csrr    a0, mepc
        csrr    a1, mcause
        li      a2, 0
        csrr    a3, mtval
        la      sp, cell_stack_top
        call    cell_fault_report
1:      j       1b
        .size   cell_fault, . - cell_fault

        .section .text.cell_fault_report, "ax", @progbits
        .weak   cell_fault_report
        .type   cell_fault_report, @function
cell_fault_report:
        j       cell_fault_report
        .size   cell_fault_report, . - cell_fault_report

/* int32_t cell_semihost(uint32_t operation, const void *argument): the simulator knows the call by these three words, not
   compressed and within one page. */
        .section .text.cell_semihost, "ax", @progbits
        .global cell_semihost
        .type   cell_semihost, @function
        .balign 16
cell_semihost:
        .option push
        .option norvc
        slli    x0, x0, 0x1f
        ebreak
        srai    x0, x0, 7
        .option pop
        ret
        .size   cell_semihost, . - cell_semihost
