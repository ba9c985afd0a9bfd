package dev.grain.examples;

import dev.grain.examples.Survey.MethodName;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Adds up what is measured in classes, one at a time or a whole survey at once. One thread. */
final class SurveyBuilder {
  private static final ClassFile CLASS_FILE =
      ClassFile.of(
          ClassFile.DebugElementsOption.DROP_DEBUG, ClassFile.LineNumbersOption.DROP_LINE_NUMBERS);

  private final int listed;
  private int classes;
  private long fileBytes;
  private int methods;
  private long codeBytes;
  private long instructions;
  private final SortedMap<Integer, Integer> lengths = new TreeMap<>();
  private final SortedMap<Integer, Integer> depths = new TreeMap<>();
  private final SortedMap<Integer, Integer> versions = new TreeMap<>();
  private final SortedMap<String, Integer> dynamicCalls = new TreeMap<>();
  private final Map<MethodName, Integer> calls = new HashMap<>();
  private List<MethodSize> longest = new ArrayList<>();
  private List<MethodSize> deepest = new ArrayList<>();

  /**
   * Begins with nothing.
   *
   * @param listed how many methods the lists of the longest and the deepest hold
   */
  SurveyBuilder(int listed) {
    this.listed = listed;
  }

  /** Measures a class file. */
  void add(byte[] file) {
    ClassModel parsed = CLASS_FILE.parse(file);
    classes++;
    fileBytes += file.length;
    versions.merge(parsed.majorVersion(), 1, Integer::sum);
    String owner = parsed.thisClass().asInternalName().replace('/', '.');
    for (MethodModel method : parsed.methods()) {
      methods++;
      method.findAttribute(Attributes.code()).ifPresent(code -> add(owner, method, code));
    }
  }

  private void add(String owner, MethodModel method, CodeAttribute code) {
    int count = 0;
    for (CodeElement element : code) {
      if (element instanceof Instruction) {
        count++;
        switch (element) {
          case InvokeInstruction call ->
              calls.merge(
                  new MethodName(readable(call.owner().asSymbol()), call.name().stringValue()),
                  1,
                  Integer::sum);
          case InvokeDynamicInstruction call -> dynamicCalls.merge(purpose(call), 1, Integer::sum);
          default -> {}
        }
      }
    }
    int length = code.codeLength();
    int loops = LoopNesting.depth(code);
    codeBytes += length;
    instructions += count;
    lengths.merge(length, 1, Integer::sum);
    depths.merge(loops, 1, Integer::sum);
    String parameters =
        method.methodTypeSymbol().parameterList().stream()
            .map(ClassDesc::displayName)
            .collect(Collectors.joining(", ", "(", ")"));
    MethodSize size =
        new MethodSize(owner, method.methodName().stringValue(), parameters, length, count, loops);
    longest.add(size);
    deepest.add(size);
    if (longest.size() > 50 * listed) {
      shorten();
    }
  }

  private static String readable(ClassDesc type) {
    return type.isClassOrInterface() && !type.packageName().isEmpty()
        ? type.packageName() + "." + type.displayName()
        : type.displayName();
  }

  private static String purpose(InvokeDynamicInstruction call) {
    ClassDesc bootstrap = call.bootstrapMethod().owner();
    return switch (bootstrap.displayName()) {
      case "LambdaMetafactory" -> "lambdas and method references";
      case "StringConcatFactory" -> "string concatenations";
      case "ObjectMethods" -> "methods of records";
      case "SwitchBootstraps" -> "switches over patterns";
      default -> "others";
    };
  }

  /** Adds what was measured elsewhere. */
  void add(Survey other) {
    classes += other.classes();
    fileBytes += other.fileBytes();
    methods += other.methods();
    codeBytes += other.codeBytes();
    instructions += other.instructions();
    other.lengths().forEach((length, count) -> lengths.merge(length, count, Integer::sum));
    other.depths().forEach((depth, count) -> depths.merge(depth, count, Integer::sum));
    other.versions().forEach((version, count) -> versions.merge(version, count, Integer::sum));
    other.dynamicCalls().forEach((use, count) -> dynamicCalls.merge(use, count, Integer::sum));
    other.calls().forEach((method, count) -> calls.merge(method, count, Integer::sum));
    longest.addAll(other.longest());
    deepest.addAll(other.deepest());
    shorten();
  }

  /** Returns what was added so far. */
  Survey toSurvey() {
    shorten();
    return new Survey(
        classes,
        fileBytes,
        methods,
        codeBytes,
        instructions,
        new TreeMap<>(lengths),
        new TreeMap<>(depths),
        new TreeMap<>(versions),
        new TreeMap<>(dynamicCalls),
        new HashMap<>(calls),
        List.copyOf(longest),
        List.copyOf(deepest));
  }

  private void shorten() {
    longest = first(longest, MethodSize.LONGEST);
    deepest = first(deepest, MethodSize.DEEPEST);
  }

  private List<MethodSize> first(List<MethodSize> sizes, Comparator<MethodSize> order) {
    return sizes.stream()
        .sorted(order)
        .limit(listed)
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
