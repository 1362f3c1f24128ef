#pragma once
// Durations and points in time alone. <chrono> also brings calendars, zones and streams, which cost
// a translation unit as much as the rest of a generated header several times over.
#if __has_include(<bits/chrono.h>)
#include <bits/chrono.h>
#else
#include <chrono>
#endif
