package acme;

import dev.grain.function.Fn0;
import dev.grain.function.Fn1;
import dev.grain.shipping.Program;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lib.Words;

/** A user's program; each line that it prints is what a function gave in another process. */
public final class Main {
  private static final long HEAD = ProcessHandle.current().pid();

  private final int base = 5;

  enum Level {
    LOW,
    HIGH {
      @Override
      int weight() {
        return 10;
      }
    };

    int weight() {
      return 1;
    }
  }

  record Box<T>(T content, Map<String, List<Optional<T>>> more) {}

  static final class Unlucky extends Exception {
    final Box<Level> box;

    Unlucky(String message, Box<Level> box) {
      super(message);
      this.box = box;
    }
  }

  /** Reached by its own class only, and by no object. */
  static final class Inner {
    static String twice(String text) {
      return text + text;
    }
  }

  static String reference(String text) {
    return text + " by reference";
  }

  public static void main(String[] args) throws Throwable {
    try (Program program = new Program()) {
      new Main().run(program);
    }
  }

  private void run(Program program) throws Throwable {
    int captured = 41;
    record Local(int left, String right) {}
    Local local = new Local(1, "r");
    Box<Level> box = new Box<>(Level.LOW, Map.of("k", List.of(Optional.of(Level.HIGH))));
    long head = HEAD;
    say("process", program.call((Fn0<Boolean>) () -> ProcessHandle.current().pid() != head));
    say("lambda", program.call((Fn1<String, String>) text -> Inner.twice(text), "x"));
    say("capture", program.call((Fn1<String, String>) text -> text + captured, "x"));
    say("this", program.call((Fn1<String, String>) text -> text + base, "x"));
    say("reference", program.call((Fn1<String, String>) Main::reference, "x"));
    say(
        "anonymous",
        program.call(
            new Fn1<String, String>() {
              @Override
              public String apply(String text) {
                return text + captured + base;
              }
            },
            "x"));
    say("local record", program.call((Fn0<Local>) () -> new Local(local.left() + 1, "s")));
    say("enum", program.call((Fn1<Level, Level>) level -> Level.values()[1 - level.ordinal()], Level.LOW));
    say("weight", program.call((Fn1<Level, Integer>) Level::weight, Level.HIGH));
    say("generics", program.call((Fn1<Box<Level>, Object>) Box::more, box));
    TreeMap<String, Integer> map =
        new TreeMap<>((Comparator<String> & java.io.Serializable) (a, b) -> b.compareTo(a));
    map.putAll(Map.of("a", 1, "b", 2));
    say("comparator", program.call((Fn1<TreeMap<String, Integer>, Object>) m -> m.firstKey(), map));
    say("resource", program.call((Fn0<String>) Words::resource));
    say("service", program.call((Fn0<List<String>>) Words::spoken));
    say(
        "source",
        program.call(
            (Fn0<Boolean>)
                () ->
                    Main.class.getProtectionDomain().getCodeSource().getLocation() != null
                        && Main.class.getPackage().getName().equals("acme")));
    try {
      program.call(
          (Fn0<String>)
              () -> {
                throw new Unlucky("fails", new Box<>(Level.HIGH, Map.of()));
              });
    } catch (Unlucky e) {
      say("failure", e.getMessage() + e.box + (e.box.content() == Level.HIGH));
    }
    int before = program.fetched();
    program.call((Fn1<String, String>) text -> Inner.twice(text), "again");
    say("fetched again", program.fetched() - before);
  }

  private static void say(String what, Object value) {
    System.out.println(what + ": " + value);
  }
}
