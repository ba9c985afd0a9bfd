package dev.grain.code.bundle;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the variables of jshell that code uses. They are static fields of the classes that jshell
 * wraps around what is typed, so their values do not travel. Used by one thread at a time.
 */
final class JshellVariables {
  /** What is typed is in such a class; classes that the user declares are nested in one. */
  private static final Predicate<String> WRAPPER =
      Pattern.compile("REPL/\\$JShell\\$[0-9A-Z]+").asMatchPredicate();

  /** The method with what is typed, which only jshell calls. */
  private static final String TYPED = "do_it$";

  private final Map<String, ClassModel> classes = new HashMap<>();
  private final Map<Code, SortedSet<String>> known = new HashMap<>();

  /** Where code starts. */
  private record Code(@Nullable EntryPoint entry, Set<Class<?>> types) {}

  /**
   * Takes the classes of jshell among those of a program.
   *
   * @param files their bytes, by the names of their files
   */
  JshellVariables(Map<String, byte[]> files) {
    files.forEach((file, bytes) -> {
      if (file.startsWith("REPL/$JShell$")) {
        ClassModel type = ClassFile.of().parse(bytes);
        classes.put(type.thisClass().asInternalName(), type);
      }
    });
  }

  /**
   * Returns the names of the variables that code uses, with all that it calls.
   *
   * @param entry the method that it starts with; null if there is none
   * @param types the classes whose methods it may call as well
   */
  SortedSet<String> usedBy(@Nullable EntryPoint entry, Set<Class<?>> types) {
    return classes.isEmpty()
        ? Collections.emptySortedSet()
        : known.computeIfAbsent(new Code(entry, types), this::search);
  }

  private SortedSet<String> search(Code code) {
    Search search = new Search();
    if (code.entry() != null) {
      search.add(code.entry().owner(), code.entry().method());
    }
    code.types().forEach(type -> search.addAll(type.getName().replace('.', '/')));
    return search.run();
  }

  /** One search through what is called. */
  private final class Search {
    private final Deque<MethodModel> open = new ArrayDeque<>();
    private final Set<String> seen = new HashSet<>();
    private final SortedSet<String> used = new TreeSet<>();

    SortedSet<String> run() {
      for (MethodModel next = open.poll(); next != null; next = open.poll()) {
        next.code().ifPresent(code -> code.forEach(this::visit));
      }
      return used;
    }

    private void visit(CodeElement element) {
      switch (element) {
        case FieldInstruction field -> {
          if (WRAPPER.test(field.owner().asInternalName())) {
            used.add(field.name().stringValue());
          } else {
            addAll(field.owner().asInternalName());
          }
        }
        case InvokeInstruction call ->
            add(
                call.owner().asInternalName(),
                call.name().stringValue() + call.type().stringValue());
        case NewObjectInstruction made -> addAll(made.className().asInternalName());
        case InvokeDynamicInstruction lambda -> lambda.bootstrapArgs().forEach(this::visit);
        default -> {}
      }
    }

    private void visit(ConstantDesc argument) {
      if (argument instanceof DirectMethodHandleDesc method) {
        add(nameOf(method.owner()), method.methodName() + method.lookupDescriptor());
      }
    }

    private static String nameOf(ClassDesc type) {
      String descriptor = type.descriptorString();
      return descriptor.substring(1, descriptor.length() - 1);
    }

    /** Adds a method; of a class of the user all, as which one is called nobody knows. */
    void add(String owner, String method) {
      ClassModel type = classes.get(owner);
      if (type == null || !WRAPPER.test(owner)) {
        addAll(owner);
      } else if (seen.add(owner + "." + method)) {
        type.methods().stream().filter(each -> nameOf(each).equals(method)).forEach(open::add);
      }
    }

    private static String nameOf(MethodModel method) {
      return method.methodName().stringValue() + method.methodType().stringValue();
    }

    /** Adds all methods that others than jshell may call. */
    void addAll(String owner) {
      ClassModel type = classes.get(owner);
      if (type != null && seen.add(owner)) {
        type.methods().stream()
            .filter(each -> !each.methodName().equalsString(TYPED))
            .forEach(open::add);
        type.superclass().map(ClassEntry::asInternalName).ifPresent(this::addAll);
        type.interfaces().forEach(each -> addAll(each.asInternalName()));
      }
    }
  }
}
