import dev.grain.function.*;
import dev.grain.shipping.Program;
void say(String what, Object value) { System.out.println(what + ": " + value); }
var program = new Program()
long head = ProcessHandle.current().pid()
Fn1<Long, Boolean> elsewhere = pid -> ProcessHandle.current().pid() != pid;
say("process", program.call(elsewhere, head));
int twice(int n) { return 2 * n; }
Fn1<Integer, Integer> doubled = n -> twice(n) + 1;
say("method", program.call(doubled, 4));
int twice(int n) { return 20 * n; }
say("method again", program.call(doubled, 4));
record Point(int x, int y) { int sum() { return x + y; } }
enum Level { LOW, HIGH }
class Unlucky extends Exception { Unlucky(String text) { super(text); } }
say("record", program.call((Fn1<Point, Point>) p -> new Point(p.sum(), p.y()), new Point(1, 2)));
say("enum", program.call((Fn1<Level, Level>) l -> Level.values()[1 - l.ordinal()], Level.LOW));
say("value in a list", program.call((Fn1<List<?>, Object>) l -> l.get(0).toString(), List.of(new Point(3, 4))));
Fn0<String> failing = () -> { throw new Unlucky("fails"); };
try { program.call(failing); } catch (Unlucky e) { say("failure", e.getMessage()); }
say("resource", program.call((Fn0<String>) () -> lib.Words.resource()));
int offset = 5
int shifted(int n) { return n + offset; }
record Shifted(int n) { int value() { return shifted(n); } }
void refuse(String what, Fn1<Integer, ?> function) { try { say(what, program.call(function, 1)); } catch (Throwable e) { say(what, e.getMessage()); } }
refuse("variable", n -> n + offset);
refuse("variable in a method", n -> shifted(n));
refuse("variable in a class", n -> new Shifted(n).value());
refuse("variable of a function", n -> doubled.apply(n));
{ int mine = offset; Runnable other = () -> offset++; say("local variable", program.call((Fn1<Integer, Integer>) n -> n + mine, 1)); }
int before = program.fetched();
say("once more", program.call(doubled, 4));
say("fetched again", program.fetched() - before);
program.close();
/exit
