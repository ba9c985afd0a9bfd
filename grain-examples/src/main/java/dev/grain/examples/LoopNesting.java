package dev.grain.examples;

import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.util.Map;
import java.util.TreeMap;

/**
 * How deeply the loops of a method are nested, read from its bytecode.
 *
 * <p>A <em>loop</em> is the code from an instruction that some later jump goes back to, up to the
 * last jump that does. The depth of a method is the greatest number of loops that contain one and
 * the same instruction. For what javac makes of {@code for}, {@code while} and {@code do} this is
 * the nesting in the source, except that two loops which start at the same instruction, as in
 * {@code while (true) while (more())}, count as one.
 */
final class LoopNesting {
  // the first instruction of each loop, and its last
  private final Map<Integer, Integer> loops = new TreeMap<>();
  private final CodeAttribute code;

  private LoopNesting(CodeAttribute code) {
    this.code = code;
  }

  /** Returns the depth: 0 for a method without loops. */
  static int depth(CodeAttribute code) {
    LoopNesting nesting = new LoopNesting(code);
    int at = 0;
    for (CodeElement element : code) {
      if (element instanceof Instruction instruction) {
        nesting.follow(at, instruction);
        at += instruction.sizeInBytes();
      }
    }
    return nesting.depth();
  }

  private void follow(int at, Instruction instruction) {
    switch (instruction) {
      case BranchInstruction branch -> jump(at, branch.target());
      case TableSwitchInstruction table -> {
        jump(at, table.defaultTarget());
        table.cases().forEach(each -> jump(at, each.target()));
      }
      case LookupSwitchInstruction lookup -> {
        jump(at, lookup.defaultTarget());
        lookup.cases().forEach(each -> jump(at, each.target()));
      }
      default -> {}
    }
  }

  private void jump(int from, Label label) {
    int to = code.labelToBci(label);
    if (to <= from) {
      loops.merge(to, from, Math::max);
    }
  }

  private int depth() {
    // The number of loops around an instruction is greatest where some loop starts.
    int deepest = 0;
    for (int first : loops.keySet()) {
      int around = 0;
      for (Map.Entry<Integer, Integer> loop : loops.entrySet()) {
        if (loop.getKey() <= first && first <= loop.getValue()) {
          around++;
        }
      }
      deepest = Math.max(deepest, around);
    }
    return deepest;
  }
}
