package dev.grain.session;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Holdings;

/**
 * Messages as bytes: a type, then the components. Texts, which are for people, are cut at {@link
 * #LONGEST_TEXT} characters.
 */
final class MessageCodec {
  private static final int LONGEST_TEXT = 8 * 1024;

  private static final int ORDER = 0x01;
  private static final int TAKE_BACK = 0x02;
  private static final int STOP = 0x03;
  private static final int CODE_CONTENT = 0x04;
  private static final int CODE_MISSING = 0x05;
  private static final int RUN_OVER = 0x06;
  private static final int LOGIN_ANSWER = 0x07;
  private static final int SETTLED = 0x08;
  private static final int DRAIN = 0x09;
  private static final int STARTED = 0x11;
  private static final int FREED = 0x12;
  private static final int ENDED = 0x13;
  private static final int RETURNED = 0x14;
  private static final int NOT_STOPPING = 0x15;
  private static final int OUTPUT = 0x16;
  private static final int NEED_CODE = 0x17;
  private static final int DRAINING = 0x18;
  private static final int OTHERS_HOLD = 0x19;
  private static final int PREPARING = 0x1a;
  private static final int NEED_LOGIN = 0x1b;
  private static final int HOLDING = 0x1c;
  private static final int HOLDING_ALL = 0x1d;

  private static final int DOCKER = 0;
  private static final int GIT = 1;

  private static final int WAITING = 0;
  private static final int RUNNING = 1;
  private static final int HAS_ENDED = 2;

  private static final int NO_LOGIN = 0;
  private static final int REFUSED = 1;
  private static final int PASSWORD = 2;
  private static final int SSH_KEY = 3;

  private static final int VALUE = 0;
  private static final int FAILURE = 1;
  private static final int TIMED_OUT = 2;
  private static final int CANCELLED = 3;
  private static final int NOT_STARTED = 4;
  private static final int UNABLE = 5;
  private static final int OUT_OF_MEMORY = 6;
  private static final int UNPREPARED = 7;

  private static final int ALONE = 1;
  private static final int PLATFORM_THREAD = 2;
  private static final int TIME_LIMIT = 4;

  /** The job's number in its run is not its number in messages, and follows. */
  private static final int OTHER_NUMBER = 8;

  /** The cancel grace is not the usual one, and follows. */
  private static final int CANCEL_GRACE = 16;

  /** The job is isolated, and how follows. */
  private static final int ISOLATED = 32;

  /** Something has to be made ready for the job, and what follows. */
  private static final int PREPARED = 64;

  private static final int ORDER_FLAGS =
      ALONE | PLATFORM_THREAD | TIME_LIMIT | OTHER_NUMBER | CANCEL_GRACE | ISOLATED | PREPARED;

  private static final int CALL = 0;
  private static final int COMMAND = 1;

  private static final int JVM = 1;
  private static final int CONTAINER = 2;
  private static final int APPTAINER = 3;

  private MessageCodec() {}

  /** Returns a number of bytes that the encoded text does not exceed. */
  static long mostBytes(String text) {
    return 3L * Math.min(text.length(), LONGEST_TEXT);
  }

  /** Returns the beginning of the text that is sent of it. */
  static String cut(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
  }

  // ---------------------------------------------------------------- writing

  static void write(Message message, FrameWriter out) {
    switch (message) {
      case Order order -> writeOrder(order, out);
      case Message.TakeBack(long job, int attempt) -> writeJob(TAKE_BACK, job, attempt, out);
      case Message.Stop(long job, int attempt) -> writeJob(STOP, job, attempt, out);
      case Message.Settled(long job, int attempt) -> writeJob(SETTLED, job, attempt, out);
      case Message.CodeContent(Bytes hash, Bytes content) -> {
        out.unsignedByte(CODE_CONTENT);
        out.bytes(hash);
        out.bytes(content);
      }
      case Message.CodeMissing(Bytes hash, String reason) -> {
        out.unsignedByte(CODE_MISSING);
        out.bytes(hash);
        out.text(cut(reason));
      }
      case Message.RunOver(String run) -> {
        out.unsignedByte(RUN_OVER);
        out.text(cut(run));
      }
      case Message.LoginAnswer(
              String run,
              Message.Service service,
              String target,
              LoginResult result) -> {
        writeLogin(LOGIN_ANSWER, run, service, target, out);
        writeResult(result, out);
      }
      case Message.Drain(boolean stop) -> {
        out.unsignedByte(DRAIN);
        out.flag(stop);
      }
      case Message.Started(long job, int attempt, Fractions fractions) -> {
        writeJob(STARTED, job, attempt, out);
        writeFractions(fractions, out);
      }
      case Message.Holding(
              long job,
              int attempt,
              Message.Held held,
              Fractions fractions,
              long ran) -> {
        writeJob(HOLDING, job, attempt, out);
        out.unsignedByte(
            switch (held) {
              case WAITING -> WAITING;
              case RUNNING -> RUNNING;
              case ENDED -> HAS_ENDED;
            });
        writeFractions(fractions, out);
        out.number(ran);
      }
      case Message.HoldingAll _ -> out.unsignedByte(HOLDING_ALL);
      case Message.Freed(long job, int attempt, long ran) -> {
        writeJob(FREED, job, attempt, out);
        out.number(ran);
      }
      case Message.Ended(long job, int attempt, AttemptEnd end, long ran) -> {
        writeJob(ENDED, job, attempt, out);
        out.number(ran);
        writeEnd(end, out);
      }
      case Message.Returned(long job, int attempt) -> writeJob(RETURNED, job, attempt, out);
      case Message.NotStopping(long job, int attempt, boolean timedOut) -> {
        writeJob(NOT_STOPPING, job, attempt, out);
        out.flag(timedOut);
      }
      case Message.Output(long job, int attempt, Bytes text, boolean error) -> {
        writeJob(OUTPUT, job, attempt, out);
        out.flag(error);
        out.bytes(text);
      }
      case Message.NeedCode(Bytes hash) -> {
        out.unsignedByte(NEED_CODE);
        out.bytes(hash);
      }
      case Message.NeedLogin(String run, Message.Service service, String target) ->
          writeLogin(NEED_LOGIN, run, service, target, out);
      case Message.Preparing(long job, int attempt, String phase) -> {
        writeJob(PREPARING, job, attempt, out);
        out.text(cut(phase));
      }
      case Message.Draining _ -> out.unsignedByte(DRAINING);
      case Message.OthersHold(Holdings holdings, boolean barred) -> {
        out.unsignedByte(OTHERS_HOLD);
        out.flag(barred);
        out.bytes(holdings.encode());
      }
    }
  }

  private static void writeFractions(Fractions fractions, FrameWriter out) {
    out.integer(fractions.core() + 1);
    out.integer(fractions.gpu() + 1);
    out.bytes(fractions.encodeUnits());
  }

  private static void writeJob(int type, long job, int attempt, FrameWriter out) {
    out.unsignedByte(type);
    out.number(job);
    out.integer(attempt);
  }

  private static void writeLogin(
      int type, String run, Message.Service service, String target, FrameWriter out) {
    out.unsignedByte(type);
    out.text(cut(run));
    out.unsignedByte(
        switch (service) {
          case DOCKER -> DOCKER;
          case GIT -> GIT;
        });
    out.text(cut(target));
  }

  private static void writeResult(LoginResult result, FrameWriter out) {
    switch (result) {
      case LoginResult.None _ -> out.unsignedByte(NO_LOGIN);
      case LoginResult.Refused(String reason) -> {
        out.unsignedByte(REFUSED);
        out.text(cut(reason));
      }
      case LoginResult.Password(String user, Bytes secret) -> {
        out.unsignedByte(PASSWORD);
        out.text(cut(user));
        out.bytes(secret);
      }
      case LoginResult.SshKey(String user, Bytes secret) -> {
        out.unsignedByte(SSH_KEY);
        out.text(cut(user));
        out.bytes(secret);
      }
    }
  }

  private static void writeOrder(Order order, FrameWriter out) {
    Order.Spec spec = order.spec();
    Order.Limits limits = spec.limits();
    Isolation isolation = spec.setting().isolation();
    boolean otherNumber = order.job() != order.number();
    writeJob(ORDER, order.number(), order.attempt(), out);
    out.unsignedByte(
        (order.alone() ? ALONE : 0)
            | (wantsPlatformThread(spec.work()) ? PLATFORM_THREAD : 0)
            | (limits.time() != 0 ? TIME_LIMIT : 0)
            | (otherNumber ? OTHER_NUMBER : 0)
            | (limits.cancelGrace() != Order.Limits.USUAL_GRACE ? CANCEL_GRACE : 0)
            | (isolation.kind() != Isolation.Kind.NONE ? ISOLATED : 0)
            | (spec.setting().needs().isEmpty() ? 0 : PREPARED));
    out.unsignedByte(
        switch (spec.work()) {
          case Work.Call _ -> CALL;
          case Work.Command _ -> COMMAND;
        });
    out.interned(Interned.RUN, cut(order.run()));
    if (otherNumber) {
      out.number(order.job());
    }
    out.interned(Interned.NAME, cut(spec.name()));
    out.interned(Interned.REQUEST, spec.demand().encode());
    out.interned(Interned.FUNCTION, spec.work().content());
    out.interned(Interned.BUNDLE, MessageFields.hash(spec.setting().code()));
    if (limits.time() != 0) {
      out.number(limits.time());
    }
    if (limits.cancelGrace() != Order.Limits.USUAL_GRACE) {
      out.number(limits.cancelGrace());
    }
    writeIsolation(isolation, out);
    if (!spec.setting().needs().isEmpty()) {
      out.interned(Interned.NEEDS, spec.setting().needs());
    }
    out.bytes(order.input());
  }

  private static void writeIsolation(Isolation isolation, FrameWriter out) {
    switch (isolation) {
      case Isolation.None _ -> {}
      case Isolation.Jvm(Bytes setting) -> {
        out.unsignedByte(JVM);
        out.interned(Interned.ISOLATION, setting);
      }
      case Isolation.Container(Bytes setting) -> {
        out.unsignedByte(CONTAINER);
        out.interned(Interned.ISOLATION, setting);
      }
      case Isolation.Apptainer(Bytes setting) -> {
        out.unsignedByte(APPTAINER);
        out.interned(Interned.ISOLATION, setting);
      }
    }
  }

  private static boolean wantsPlatformThread(Work work) {
    return work instanceof Work.Call call && call.platformThread();
  }

  private static void writeEnd(AttemptEnd end, FrameWriter out) {
    switch (end) {
      case AttemptEnd.Value(Bytes value) -> {
        out.unsignedByte(VALUE);
        out.bytes(value);
      }
      case AttemptEnd.Failure(Bytes failure, String words) -> {
        out.unsignedByte(FAILURE);
        out.text(cut(words));
        out.bytes(failure);
      }
      case AttemptEnd.TimedOut _ -> out.unsignedByte(TIMED_OUT);
      case AttemptEnd.OutOfMemory(String reason, long limit, long peak) -> {
        out.unsignedByte(OUT_OF_MEMORY);
        out.text(cut(reason));
        // a number that is not known takes one byte
        out.number(limit + 1);
        out.number(peak + 1);
      }
      case AttemptEnd.Cancelled _ -> out.unsignedByte(CANCELLED);
      case AttemptEnd.NotStarted(String reason) -> {
        out.unsignedByte(NOT_STARTED);
        out.text(cut(reason));
      }
      case AttemptEnd.Unable(String reason) -> {
        out.unsignedByte(UNABLE);
        out.text(cut(reason));
      }
      case AttemptEnd.Unprepared(String reason) -> {
        out.unsignedByte(UNPREPARED);
        out.text(cut(reason));
      }
    }
  }

  // ---------------------------------------------------------------- reading

  static Message read(FrameReader in) throws WireException {
    int type = in.unsignedByte();
    return switch (type) {
      case ORDER -> readOrder(in);
      case TAKE_BACK -> new Message.TakeBack(in.number(), in.integer());
      case STOP -> new Message.Stop(in.number(), in.integer());
      case SETTLED -> new Message.Settled(in.number(), in.integer());
      case CODE_CONTENT -> new Message.CodeContent(in.bytes(), in.bytes());
      case CODE_MISSING -> new Message.CodeMissing(in.bytes(), in.text());
      case RUN_OVER -> new Message.RunOver(in.text());
      case LOGIN_ANSWER ->
          new Message.LoginAnswer(in.text(), readService(in), in.text(), readResult(in));
      case DRAIN -> new Message.Drain(in.flag());
      case STARTED -> new Message.Started(in.number(), in.integer(), readFractions(in));
      case HOLDING ->
          new Message.Holding(
              in.number(), in.integer(), readHeld(in), readFractions(in), in.number());
      case HOLDING_ALL -> new Message.HoldingAll();
      case FREED -> new Message.Freed(in.number(), in.integer(), in.number());
      case ENDED -> readEnded(in);
      case RETURNED -> new Message.Returned(in.number(), in.integer());
      case NOT_STOPPING -> new Message.NotStopping(in.number(), in.integer(), in.flag());
      case OUTPUT -> readOutput(in);
      case NEED_CODE -> new Message.NeedCode(in.bytes());
      case NEED_LOGIN -> new Message.NeedLogin(in.text(), readService(in), in.text());
      case PREPARING -> new Message.Preparing(in.number(), in.integer(), in.text());
      case DRAINING -> new Message.Draining();
      case OTHERS_HOLD -> readOthersHold(in);
      default -> throw in.malformed("has a message of the unknown type %s".formatted(type));
    };
  }

  private static Message.Service readService(FrameReader in) throws WireException {
    int service = in.unsignedByte();
    return switch (service) {
      case DOCKER -> Message.Service.DOCKER;
      case GIT -> Message.Service.GIT;
      default -> throw in.malformed("has a login for the unknown service %s".formatted(service));
    };
  }

  private static LoginResult readResult(FrameReader in) throws WireException {
    int kind = in.unsignedByte();
    return switch (kind) {
      case NO_LOGIN -> new LoginResult.None();
      case REFUSED -> new LoginResult.Refused(in.text());
      case PASSWORD -> new LoginResult.Password(in.text(), in.bytes());
      case SSH_KEY -> new LoginResult.SshKey(in.text(), in.bytes());
      default -> throw in.malformed("has a login of the unknown kind %s".formatted(kind));
    };
  }

  private static Order readOrder(FrameReader in) throws WireException {
    long number = in.number();
    int attempt = in.integer();
    int flags = in.unsignedByte();
    if (flags > ORDER_FLAGS) {
      throw in.malformed("has a job with the unknown flags %s".formatted(flags));
    }
    int kind = in.unsignedByte();
    if (kind != CALL && kind != COMMAND) {
      throw in.malformed("has a job with work of the unknown kind %s".formatted(kind));
    }
    String run = in.interned().text();
    long job = (flags & OTHER_NUMBER) != 0 ? in.number() : number;
    Order.Spec spec = readSpec(kind, flags, in);
    return new Order(run, job, number, attempt, (flags & ALONE) != 0, spec, in.bytes());
  }

  /** Returns the spec of a job; mostly the one of an order before, if they are equal. */
  private static Order.Spec readSpec(int kind, int flags, FrameReader in) throws WireException {
    Interned.Kept name = in.interned();
    Interned.Kept request = in.interned();
    Interned.Kept content = in.interned();
    Interned.Kept bundle = in.interned();
    long time = (flags & TIME_LIMIT) != 0 ? in.number() : 0;
    long grace = (flags & CANCEL_GRACE) != 0 ? in.number() : Order.Limits.USUAL_GRACE;
    boolean platformThread = (flags & PLATFORM_THREAD) != 0;
    Isolation isolation = (flags & ISOLATED) != 0 ? readIsolation(in) : Isolation.NONE;
    Bytes needs = (flags & PREPARED) != 0 ? in.interned().bytes() : Bytes.empty();
    Work.Kind workKind = kind == CALL ? Work.Kind.CALL : Work.Kind.COMMAND;
    Demand demand = Order.Spec.demand(request.demand(in), workKind, isolation);
    Order.Spec known = content.spec();
    if (known != null
        && known.name() == name.text()
        && known.demand() == demand
        && known.limits().time() == time
        && known.limits().cancelGrace() == grace
        && known.work().kind() == workKind
        && wantsPlatformThread(known.work()) == platformThread
        && known.setting().isolation() == isolation
        && known.setting().needs() == needs
        && isSame(known.setting().code(), bundle.bytes())) {
      return known;
    }
    Work work =
        kind == CALL
            ? new Work.Call(content.bytes(), platformThread)
            : new Work.Command(content.bytes());
    Order.Limits limits = new Order.Limits(time, grace);
    Order.Setting setting = setting(bundle.bytes(), isolation, needs);
    Order.Spec made = new Order.Spec(name.text(), demand, limits, work, setting);
    content.keep(made);
    return made;
  }

  private static Isolation readIsolation(FrameReader in) throws WireException {
    int kind = in.unsignedByte();
    return switch (kind) {
      case JVM -> in.interned().jvm();
      case CONTAINER -> in.interned().container();
      case APPTAINER -> in.interned().apptainer();
      default ->
          throw in.malformed("has a job with isolation of the unknown kind %s".formatted(kind));
    };
  }

  /** Returns whether it is certain, at a glance, that a hash stands for the code. */
  private static boolean isSame(CodeRef code, Bytes hash) {
    return MessageFields.hash(code) == hash
        || (code instanceof CodeRef.None && hash.equals(MessageFields.NO_CODE));
  }

  /** Returns the setting with the code for which {@link MessageFields#hash} stands. */
  static Order.Setting setting(Bytes hash, Isolation isolation, Bytes needs) {
    CodeRef code =
        hash.isEmpty()
            ? CodeRef.OWN
            : hash.equals(MessageFields.NO_CODE) ? CodeRef.NONE : new CodeRef.Bundle(hash);
    return new Order.Setting(code, isolation, needs);
  }

  private static Message.Ended readEnded(FrameReader in) throws WireException {
    long job = in.number();
    int attempt = in.integer();
    long ran = in.number();
    int kind = in.unsignedByte();
    AttemptEnd end =
        switch (kind) {
          case VALUE -> new AttemptEnd.Value(in.bytes());
          case FAILURE -> {
            String words = in.text();
            yield new AttemptEnd.Failure(in.bytes(), words);
          }
          case TIMED_OUT -> new AttemptEnd.TimedOut();
          case CANCELLED -> new AttemptEnd.Cancelled();
          case NOT_STARTED -> new AttemptEnd.NotStarted(in.text());
          case UNABLE -> new AttemptEnd.Unable(in.text());
          case UNPREPARED -> new AttemptEnd.Unprepared(in.text());
          case OUT_OF_MEMORY ->
              new AttemptEnd.OutOfMemory(in.text(), in.number() - 1, in.number() - 1);
          default ->
              throw in.malformed("has a job that ended in the unknown way %s".formatted(kind));
        };
    return new Message.Ended(job, attempt, end, ran);
  }

  private static Message.Output readOutput(FrameReader in) throws WireException {
    long job = in.number();
    int attempt = in.integer();
    boolean error = in.flag();
    return new Message.Output(job, attempt, in.bytes(), error);
  }

  private static Message.Held readHeld(FrameReader in) throws WireException {
    int held = in.unsignedByte();
    return switch (held) {
      case WAITING -> Message.Held.WAITING;
      case RUNNING -> Message.Held.RUNNING;
      case HAS_ENDED -> Message.Held.ENDED;
      default -> throw in.malformed("has a job that is held in the unknown way %s".formatted(held));
    };
  }

  private static Fractions readFractions(FrameReader in) throws WireException {
    int core = in.integer() - 1;
    int gpu = in.integer() - 1;
    Bytes units = in.bytes();
    try {
      return Fractions.decode(core, gpu, units);
    } catch (IllegalArgumentException e) {
      throw in.malformed("has invalid units (%s)".formatted(e.getMessage()));
    }
  }

  private static Message.OthersHold readOthersHold(FrameReader in) throws WireException {
    boolean barred = in.flag();
    Bytes bytes = in.bytes();
    try {
      return new Message.OthersHold(Holdings.decode(bytes), barred);
    } catch (IllegalArgumentException e) {
      throw in.malformed(
          "has an invalid report of what others hold (%s)".formatted(e.getMessage()));
    }
  }
}
