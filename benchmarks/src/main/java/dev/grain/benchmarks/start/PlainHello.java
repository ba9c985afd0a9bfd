package dev.grain.benchmarks.start;

/** The smallest program there is: what the JVM alone takes. */
final class PlainHello {
  private PlainHello() {}

  static void main(String[] arguments) {
    System.out.println("hello");
  }
}
