/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * Opens an animation in NetAnim as a user does, plays it, and takes pictures of its window.
 *
 * It takes the place of NetAnim's main.cpp and is linked with NetAnim's other sources, unchanged.
 * It works as a user does: the button and the dialog that open a file, the field "Pause At", the
 * slider of the speed, the button that plays. NetAnim's parser, scene and timer do the rest.
 *
 * Run:    netanim-player FILE.xml                            leaves the window to the user
 *         netanim-player FILE.xml PREFIX WIDTH HEIGHT TIME...
 * Prints: of each time the file of its picture; then the time at which the animation ended.
 *
 * A picture, PREFIX and its time, shows what NetAnim shows after the last event up to that time
 * (in seconds, ascending).
 */

#include "animatormode.h"
#include "netanim.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QScreen>
#include <QWindow>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>

namespace
{

using netanim::AnimatorMode;

constexpr int LIMIT_MILLISECONDS = 600'000; //!< of whatever is waited for
constexpr int LOOK_MILLISECONDS = 2;        //!< between two looks at what is waited for
constexpr int PAINT_MILLISECONDS = 50;      //!< in which Qt paints what it has to

/// Ends the program with one line on what is wrong.
[[noreturn]] void
Fail(const QString& message)
{
    std::fprintf(stderr, "netanim-player: %s\n", qPrintable(message));
    std::_Exit(1);
}

/// Fails with the text of a message box that NetAnim has opened, which would wait for a user.
void
FailOnMessageBox()
{
    if (auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget()))
    {
        Fail("NetAnim says: " + box->text());
    }
}

/**
 * Lets NetAnim work until something has come about.
 *
 * @param condition What is waited for.
 * @param what Its name, for the message when it does not come.
 */
void
WaitFor(const std::function<bool()>& condition, const QString& what)
{
    QElapsedTimer clock;
    clock.start();
    while (!condition())
    {
        if (clock.hasExpired(LIMIT_MILLISECONDS))
        {
            Fail(QString("%1 has not come about in %2 s").arg(what).arg(LIMIT_MILLISECONDS / 1000));
        }
        QApplication::processEvents(QEventLoop::AllEvents, LOOK_MILLISECONDS);
    }
}

/// @return NetAnim's tab of the animator.
const QWidget*
Animator()
{
    return AnimatorMode::getInstance()->getCentralWidget();
}

/**
 * @tparam Widget A class of Qt's widgets.
 * @param toolTip What the widget is for, as NetAnim tells its users.
 * @return the widget on the tab of the animator; other tabs have widgets for the same.
 */
template <class Widget>
Widget*
Find(const QString& toolTip)
{
    for (auto* widget : Animator()->findChildren<Widget*>())
    {
        if (widget->toolTip() == toolTip)
        {
            return widget;
        }
    }
    Fail("this NetAnim has no \"" + toolTip + "\"");
}

/**
 * @param text A text.
 * @return whether a label, as that of the status at the bottom, shows it.
 */
bool
Shows(const QString& text)
{
    const auto labels = Animator()->findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(), [&text](const QLabel* label) {
        return label->text() == text;
    });
}

/**
 * Opens a file with NetAnim's button and its dialog.
 *
 * @param file An absolute path.
 */
void
Open(const QString& file)
{
    QTimer hand; // works while the dialog waits for its user
    QObject::connect(&hand, &QTimer::timeout, [&file]() {
        FailOnMessageBox();
        if (auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget()))
        {
            dialog->selectFile(file);
            QMetaObject::invokeMethod(dialog, "accept", Qt::QueuedConnection);
        }
    });
    hand.start(LOOK_MILLISECONDS);
    Find<QToolButton>("Open XML trace file")->click();
    hand.stop();
    WaitFor([]() { return Shows("Parsing complete:Click Play"); }, "the file's end");
}

/// @return the time of the last event up to a time, in seconds; 0, when nodes appear, at least.
double
LastEventUpTo(double time)
{
    double last = 0;
    auto* events = AnimatorMode::getInstance()->getEvents();
    for (auto event = events->Begin(); event != events->End() && event->first <= time; ++event)
    {
        last = event->first;
    }
    return last;
}

/**
 * Plays on to a time, or to the end, without painting: NetAnim takes long to paint many links.
 *
 * @param window NetAnim's window.
 * @param time Where to pause, which is the time of an event; from NetAnim's 65535 s on, never.
 */
void
PlayTo(QWidget* window, double time)
{
    window->setUpdatesEnabled(false);
    auto* pauseAt = Find<QLineEdit>("Pause Simulation At Time");
    pauseAt->setText(QString::number(time, 'g', 17));
    QMetaObject::invokeMethod(pauseAt, "editingFinished");
    Find<QSlider>("Animation update interval")->setValue(0);
    Find<QToolButton>("Play Animation")->click();
    WaitFor(
        []() {
            FailOnMessageBox();
            return Shows("Not Playing") || Shows("Simulation Completed");
        },
        QString("%1 s of the animation").arg(time));
    window->setUpdatesEnabled(true);
}

/**
 * Takes a picture of the window as its display shows it.
 *
 * @param window NetAnim's window.
 * @param file The file to write.
 */
void
TakePicture(QWidget* window, const QString& file)
{
    QImage picture;
    WaitFor(
        [window, &picture]() {
            QEventLoop loop; // Qt paints when it finds the time
            QTimer::singleShot(PAINT_MILLISECONDS, &loop, &QEventLoop::quit);
            loop.exec();
            const QImage before = picture;
            picture = window->windowHandle()->screen()->grabWindow(window->winId()).toImage();
            return !picture.isNull() && picture == before;
        },
        "a picture that lasts");
    if (!picture.save(file, "PNG"))
    {
        Fail("cannot write " + file);
    }
    std::printf("%s\n", qPrintable(file));
}

/**
 * Plays an animation to its end, with pauses for pictures.
 *
 * @param window NetAnim's window, which has opened the animation.
 * @param prefix How the names of the pictures' files begin.
 * @param times Their times as the user wrote them, in seconds, ascending.
 */
void
TakePictures(QWidget* window, const QString& prefix, const QStringList& times)
{
    double now = 0;
    for (const auto& time : times)
    {
        const double event = LastEventUpTo(time.toDouble());
        if (event > now)
        {
            PlayTo(window, event);
            now = event;
        }
        TakePicture(window, prefix + time + ".png");
    }
    constexpr double NEVER = 65535;
    PlayTo(window, NEVER);
    std::printf("ended at %.9g s\n", LastEventUpTo(NEVER));
}

} // namespace

int
main(int argc, char* argv[])
{
    QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs); // a native one has no widgets
    QApplication app(argc, argv);
    QApplication::setApplicationName("NetAnim");
    QApplication::setWindowIcon(QIcon(":/resources/netanim-logo.png"));
    const auto arguments = QApplication::arguments();
    if (arguments.size() != 2 && arguments.size() < 5)
    {
        Fail("usage: netanim-player FILE.xml [PREFIX WIDTH HEIGHT TIME...]");
    }

    netanim::NetAnim netAnim;
    auto* window = netAnim.getTabWidget();
    if (arguments.size() == 2)
    {
        Open(arguments[1]);
        return QApplication::exec();
    }
    window->showNormal();
    window->setGeometry(0, 0, arguments[3].toInt(), arguments[4].toInt());
    QApplication::processEvents(); // NetAnim fits the scene to its window when it opens a file
    Open(arguments[1]);
    TakePictures(window, arguments[2], arguments.mid(5));
    return 0;
}
